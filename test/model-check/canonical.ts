import { contentOf, renamedCode, votersIn } from './config-codes.ts';
import type { Layout } from './layout.ts';
import type { LocalState, LocalStates } from './local-state.ts';

/**
 * One row for all rows that differ only in the members' names. Members are sorted by what does not depend on names; those that look
 * alike are tried in every order and the smallest row is taken. Voters stay before members without a vote, and arbiters between them.
 *
 * Names are interchangeable for the real core where the checker uses it: member ids decide only between equal candidates of
 * the speculative round, and among sources.
 */
export class Canonical {
  readonly #layout: Layout;
  readonly #locals: LocalStates;
  /** By local state: the number of the same state without the names of its source and of those who vote. */
  readonly #nameless: number[] = [];
  readonly #renamings = new Map<number, number>();
  /** The order chosen last: which member before is at each place now. */
  readonly order: number[];
  readonly #place: number[];
  readonly #best: Int32Array;
  readonly #bestOrder: number[];
  #hasBest = false;

  constructor(layout: Layout, locals: LocalStates) {
    this.#layout = layout;
    this.#locals = locals;
    this.order = Array.from({ length: layout.members }, (_, at) => at);
    this.#place = [...this.order];
    this.#best = new Int32Array(layout.width);
    this.#bestOrder = [...this.order];
  }

  /** Changes the row into the one that stands for it. */
  apply(row: Int32Array): void {
    const { members, width } = this.#layout;
    const { order } = this;
    for (let at = 0; at < members; at++) {
      let to = at;
      while (to > 0 && this.#compare(row, at, order[to - 1]!) < 0) {
        order[to] = order[to - 1]!;
        to -= 1;
      }
      order[to] = at;
    }
    if (!this.#hasNames(row)) {
      this.#permute(row, order, this.#best);
      copy(this.#best, row, width);
      return;
    }
    this.#hasBest = false;
    this.#tryOrders(row, 0);
    copy(this.#best, row, width);
    for (let at = 0; at < members; at++) order[at] = this.#bestOrder[at]!;
  }

  #hasNames(row: Int32Array): boolean {
    const { members, granted, held, former, holders } = this.#layout;
    for (let at = 0; at < members; at++) {
      const masks = row[granted + at]! | row[held + at]! | row[former + at]! | row[holders + at]!;
      if (masks !== 0 || this.#namelessOf(row[at]!) !== row[at]) return true;
    }
    return false;
  }

  /** All orders that keep the sorting, from this place on. */
  #tryOrders(row: Int32Array, from: number): void {
    const { members, width } = this.#layout;
    const { order } = this;
    if (from === members) {
      const out = this.#scratch;
      this.#permute(row, order, out);
      if (this.#hasBest) {
        let at = 0;
        while (at < width && out[at] === this.#best[at]) at++;
        if (at === width || out[at]! > this.#best[at]!) return;
      }
      this.#hasBest = true;
      copy(out, this.#best, width);
      for (let at = 0; at < members; at++) this.#bestOrder[at] = order[at]!;
      return;
    }
    for (let other = from; other < members; other++) {
      if (other > from && this.#compare(row, order[from]!, order[other]!) !== 0) break;
      this.#swap(from, other);
      this.#tryOrders(row, from + 1);
      this.#swap(from, other);
    }
  }

  get #scratch(): Int32Array {
    this.#scratchRow ??= new Int32Array(this.#layout.width);
    return this.#scratchRow;
  }
  #scratchRow: Int32Array | undefined;

  #swap(a: number, b: number): void {
    const { order } = this;
    const kept = order[a]!;
    order[a] = order[b]!;
    order[b] = kept;
  }

  #compare(row: Int32Array, a: number, b: number): number {
    const { members, columns } = this.#layout;
    if (this.#kind(a) !== this.#kind(b)) return a - b;
    const byState = this.#namelessOf(row[a]!) - this.#namelessOf(row[b]!);
    if (byState !== 0) return byState;
    for (let column = 1; column < columns; column++) {
      const offset = column * members;
      const isMask = this.#isMask(offset);
      const left = row[offset + a]!;
      const right = row[offset + b]!;
      const difference = isMask ? bits(left) - bits(right) : left - right;
      if (difference !== 0) return difference;
    }
    return 0;
  }

  /** What a member is for good: it holds data and may vote, is an arbiter, or has no vote. */
  #kind(member: number): number {
    const { voters, arbiters } = this.#layout;
    if (member >= voters) return 2;
    return member < voters - arbiters ? 0 : 1;
  }

  #permute(row: Int32Array, order: readonly number[], out: Int32Array): void {
    const { members, columns, width } = this.#layout;
    const place = this.#place;
    for (let at = 0; at < members; at++) place[order[at]!] = at;
    for (let at = 0; at < members; at++) {
      const from = order[at]!;
      out[at] = this.#renamed(row[from]!, place);
      for (let column = 1; column < columns; column++) {
        const offset = column * members;
        const value = row[offset + from]!;
        const isMask = this.#isMask(offset);
        out[offset + at] = isMask && value !== 0 ? this.#permuteMask(value) : value;
      }
    }
    for (let at = columns * members; at < width; at++) out[at] = row[at]!;
  }

  #isMask(offset: number): boolean {
    const { granted, held, former, holders } = this.#layout;
    return offset === granted || offset === held || offset === former || offset === holders;
  }

  #permuteMask(mask: number): number {
    let out = 0;
    for (let bit = 0; mask >> bit > 0; bit++)
      if ((mask >> bit) & 1) out |= 1 << (this.#place[bit & 7]! | (bit & 8));
    return out;
  }

  #renamed(local: number, place: readonly number[]): number {
    if (this.#namelessOf(local) === local) return local;
    const state = this.#locals.at(local);
    const source = state.source === -1 ? -1 : place[state.source]!;
    const config = this.#renamedConfig(state);
    const key = (local * 16 + source + 1) * 65_536 + contentOf(config);
    let renamed = this.#renamings.get(key);
    if (renamed === undefined) {
      renamed = this.#locals.idOf({ ...state, source, config });
      this.#renamings.set(key, renamed);
    }
    return renamed;
  }

  #renamedConfig({ config }: LocalState): number {
    if (config === 0) return 0;
    const place = (id: number) => this.#place[id]!;
    return renamedCode(config, this.#permuteMask(votersIn(config)), place);
  }

  #namelessOf(local: number): number {
    const known = this.#nameless[local];
    if (known !== undefined) return known;
    const state = this.#locals.at(local);
    const { source, config } = state;
    const hasNames = source !== -1 || config > 0;
    // How many vote needs no names. Below zero, since it is no configuration.
    const counted = config > 0 ? -renamedCode(config, bits(votersIn(config)), () => 0) : config;
    const nameless = hasNames
      ? this.#locals.idOf({ ...state, source: -1, config: counted })
      : local;
    this.#nameless[local] = nameless;
    return nameless;
  }
}

function bits(mask: number): number {
  let count = 0;
  for (let left = mask; left !== 0; left &= left - 1) count += 1;
  return count;
}

/** Faster than `set` for rows as short as these. */
function copy(from: Int32Array, to: Int32Array, width: number): void {
  for (let at = 0; at < width; at++) to[at] = from[at]!;
}
