/**
 * Lists that only grow, by retryable writes: each element is there once or not at all (A11), what was
 * acknowledged is there, and whatever a majority or linearizable read has seen is the beginning of
 * what the list is in the end (A3, A4).
 */
import type { World } from '../world.ts';
import type { Client, Fields } from './client.ts';
import { documentsOf, outcomeOf } from './outcome.ts';
import { drawWriteConcern, type Workload } from './workload.ts';

interface SeenList {
  readonly level: string;
  readonly items: readonly string[];
  /** Elements it must show: for a linearizable read those that were acknowledged before it began. */
  readonly mustShow: readonly string[];
}

const collection = 'lists';
const lists = 3;

export class ListLoad implements Workload {
  readonly #fates = new Map<string, 'asked' | 'in' | 'refused'>();
  readonly #acknowledged = new Map<number, string[]>();
  readonly #seen = new Map<number, SeenList[]>();
  #next = 0;
  acknowledged = 0;

  async step(client: Client): Promise<void> {
    if (!client.onlyReads && client.world.dice.chance(0.6)) await this.#append(client);
    else await this.#read(client);
  }

  async #append(client: Client): Promise<void> {
    const { world } = client;
    const _id = world.dice.below(lists);
    const element = `${client.name}.${this.#next++}`;
    this.#fates.set(element, 'asked');
    const { writeConcern, isSafe } = drawWriteConcern(world);
    const change = { $push: { items: element }, $inc: { n: 1 } };
    const isFindAndModify = world.dice.chance(0.4);
    const command = isFindAndModify
      ? { findAndModify: collection, query: { _id }, update: change, upsert: true, new: true }
      : { update: collection, updates: [{ q: { _id }, u: change, upsert: true }] };
    const { answer, mayBeDone } = await client.writeOnce({ ...command, writeConcern });
    const outcome = outcomeOf(answer);
    if (outcome === 'acknowledged' && isSafe) {
      this.acknowledged++;
      this.#fates.set(element, 'in');
      this.#of(this.#acknowledged, _id).push(element);
    } else if (outcome === 'refused' && !mayBeDone) {
      this.#fates.set(element, 'refused');
    }
    if (isFindAndModify && answer.kind === 'reply' && answer.reply.ok === 1) {
      const { items } = answer.reply.value as { readonly items: readonly string[] };
      if (items.at(-1) === element) return;
      world.fail(`findAndModify answers ${items}, and has appended ${element} (A11)`);
    }
  }

  async #read(client: Client): Promise<void> {
    const { dice } = client.world;
    const _id = dice.below(lists);
    const level = dice.pick(['local', 'majority', 'majority', 'linearizable']);
    const isCausal = level === 'majority' && dice.chance(0.5);
    // A session sees its own writes on every member (A7), a linearizable read all of them.
    const known = this.#of(this.#acknowledged, _id);
    const own = known.filter((item) => item.startsWith(`${client.name}.`));
    const mustShow = level === 'linearizable' ? [...known] : isCausal ? own : [];
    const command = {
      find: collection,
      filter: { _id },
      readConcern: { level, ...(isCausal ? { afterClusterTime: client.operationTime } : {}) },
      $readPreference: { mode: 'nearest' },
    };
    const answer =
      level === 'linearizable'
        ? await client.callPrimary(command)
        : await client.call(client.anyHost(), command);
    if (level === 'local' || answer.kind !== 'reply' || answer.reply.ok !== 1) return;
    const items = (documentsOf(answer.reply)[0]?.items ?? []) as string[];
    this.#of(this.#seen, _id).push({ level, items, mustShow });
  }

  #of<T>(map: Map<number, T[]>, key: number): T[] {
    let list = map.get(key);
    if (list === undefined) {
      list = [];
      map.set(key, list);
    }
    return list;
  }

  async check(world: World, documents: (name: string) => Promise<Fields[]>): Promise<void> {
    const final = new Map<number, readonly string[]>();
    const all = new Set<string>();
    for (const { _id, items, n } of await documents(collection)) {
      const list = items as string[];
      final.set(_id as number, list);
      if (n !== list.length) world.fail(`list ${_id} counts ${n} and holds ${list.length}`);
      for (const item of list) {
        if (all.has(item)) world.fail(`${item} was appended twice by a retry (A11)`);
        all.add(item);
      }
    }
    for (const [element, fate] of this.#fates) {
      const isThere = all.has(element);
      if (fate === 'in' && !isThere) world.fail(`${element} was acknowledged and is lost (A1)`);
      if (fate === 'refused' && isThere) world.fail(`${element} was refused and is there (A2)`);
    }
    for (const [_id, seen] of this.#seen) {
      for (const each of seen) this.#checkSeen(world, _id, each, final.get(_id) ?? []);
    }
  }

  #checkSeen(
    world: World,
    _id: number,
    { level, items, mustShow }: SeenList,
    final: readonly string[],
  ): void {
    if (items.some((item, index) => final[index] !== item)) {
      world.fail(`a ${level} read of list ${_id} has seen what did not remain (A4): ${items}`);
    }
    const missing = mustShow.filter((item) => !items.includes(item));
    if (missing.length > 0) {
      world.fail(`a ${level} read of list ${_id} does not show ${missing} (A3, A7)`);
    }
  }
}
