import type { Bounds } from './bounds.ts';
import { Canonical } from './canonical.ts';
import { Commits } from './commits.ts';
import { type Layout, layoutOf } from './layout.ts';
import { isBallot, isServing, isTenure, type LocalState, LocalStates } from './local-state.ts';
import { type LogId, Logs, positionCode, positionOf } from './logs.ts';
import { NumberSets } from './number-sets.ts';
import { type Act, packRequest, type Reaction, Reactions } from './reactions.ts';

/** What was done last, for traces. */
export interface Action {
  act: Act;
  member: number;
  other: number;
  detail: string;
}

type Emit = () => void;

/**
 * All that may happen to a replica set, one transition at a time. What a member does in a transition is always the real `step`'s
 * answer; the model decides only which inputs are possible, which is the network's, the disk's and the shell's part.
 */
export class Model {
  readonly bounds: Bounds;
  readonly layout: Layout;
  readonly logs = new Logs();
  readonly locals = new LocalStates();
  readonly commits = new Commits(this.logs);
  readonly late = new NumberSets();
  readonly reactions: Reactions;
  readonly canonical: Canonical;
  /** The state emitted last, canonical. */
  readonly next: Int32Array;
  readonly action: Action = { act: 'stand', member: 0, other: -1, detail: '' };
  /** What is wrong with the state emitted last, if anything. */
  violation: string | undefined;

  #row: Int32Array;
  #emit: Emit = () => {};
  /** Disks take no time once no power loss can come any more. */
  #eager = true;

  constructor(bounds: Bounds) {
    this.bounds = bounds;
    this.layout = layoutOf(bounds.members, bounds.terms);
    const rules =
      bounds.off.length === 0 ? undefined : { testOnly: true as const, off: bounds.off };
    const { members, commitPoints } = bounds;
    this.reactions = new Reactions({ logs: this.logs, members, rules, commitPoints }, this.locals);
    this.canonical = new Canonical(this.layout, this.locals);
    this.next = new Int32Array(this.layout.width);
    this.#row = this.next;
  }

  /** Nobody has led yet and all logs are empty. */
  initial(): Int32Array {
    const row = new Int32Array(this.layout.width);
    const start: LocalState = {
      role: 'secondary',
      log: 0,
      disk: 0,
      durable: 0,
      voted: 0,
      known: 0,
      vote: 0,
      diskVote: 0,
      term: 0,
      asked: 0,
      source: -1,
      commitPoint: 0,
    };
    row.fill(this.locals.idOf(start), 0, this.bounds.members);
    return row;
  }

  /** Calls `emit` once per transition, with the state it leads to in `next`. */
  forEachSuccessor(row: Int32Array, emit: Emit): void {
    this.#row = row;
    this.#emit = emit;
    this.#eager = this.#powerLossesUsed(row) >= this.bounds.powerLosses;
    for (let member = 0; member < this.bounds.members; member++) {
      const local = this.#local(member);
      this.#elections(member, local);
      this.#log(member, local);
      this.#disk(member, local);
    }
  }

  #elections(member: number, local: LocalState): void {
    const { members, terms } = this.bounds;
    const { granted } = this.layout;
    if (local.role === 'secondary' || local.role === 'voting' || local.role === 'ownVote')
      for (let term = local.known; term <= this.#highestKnown() && term < terms; term++)
        this.#stand(member, local, term);
    if (local.role === 'voting' && this.#row[granted + member] !== 0) this.#count(member);
    if (isBallot(local))
      for (let voter = 0; voter < members; voter++)
        if (voter !== member) this.#vote(voter, member, local.term, local.asked, true);
    for (const request of this.late.at(this.#row[this.layout.late + member]!))
      for (let voter = 0; voter < members; voter++)
        if (voter !== member) this.#vote(voter, member, request & 15, request >> 4, false);
    if (isTenure(local)) this.#simple('stepDown', member);
  }

  #log(member: number, local: LocalState): void {
    const { members, entries } = this.bounds;
    if (isTenure(local)) {
      const isFull = this.logs.length(local.log) >= entries;
      if (!isFull) this.#simple(local.role === 'writable' ? 'write' : 'noop', member);
      return;
    }
    if (local.role === 'rollback') {
      this.#undo(member, local);
      return;
    }
    for (let source = 0; source < members; source++)
      if (source !== member) this.#pull(member, local, source);
  }

  #disk(member: number, local: LocalState): void {
    const { faults } = this.layout;
    if (local.vote !== local.diskVote) this.#persist(member);
    if (local.disk !== local.log) this.#simple('flush', member);
    const used = this.#row[faults]!;
    if ((used & 15) < this.bounds.restarts) this.#restart(member, 'restart', 1);
    if (used >> 4 < this.bounds.powerLosses) this.#restart(member, 'powerLoss', 16);
  }

  #stand(member: number, local: LocalState, heard: number): void {
    const reaction = this.#react(member, 'stand', heard);
    const after = this.locals.at(reaction.local);
    if (after.role !== 'voting' || after.term > this.bounds.terms) return;
    if (after.term === local.term && after.asked === local.asked && isBallot(local)) return;
    this.#begin('stand', member, -1, `for term ${after.term}`);
    this.#retireBallot(member);
    this.#take(member, reaction);
    this.#finish();
  }

  #vote(voter: number, candidate: number, term: number, asked: number, isOpen: boolean): void {
    const reaction = this.#react(voter, 'vote', packRequest(candidate, term, asked));
    if (!reaction.granted) return;
    this.#begin('vote', voter, candidate, isOpen ? `in term ${term}` : `in term ${term}, too late`);
    const { granted, held } = this.layout;
    if (!reaction.held) this.#promise(voter, term);
    if (isOpen) {
      const column = reaction.held ? held : granted;
      this.next[column + candidate] = this.next[column + candidate]! | (1 << voter);
    }
    this.#take(voter, reaction);
    this.#finish();
  }

  /** Its yes for this term has left; before that the highest was for `before`. */
  #promise(voter: number, term: number, before = this.next[this.layout.promised + voter]!): void {
    const at = this.layout.promised + voter;
    if (before >= term) this.#broken('OneVotePerTerm');
    this.next[at] = Math.max(this.next[at]!, term);
  }

  #count(member: number): void {
    const reaction = this.#react(member, 'count', this.#row[this.layout.granted + member]!);
    if (reaction.local === this.#row[member]) return;
    this.#begin('count', member, -1, '');
    this.#take(member, reaction);
    this.#finish();
  }

  #pull(member: number, local: LocalState, source: number): void {
    const from = this.#local(source);
    if (!isServing(from) || from.log === local.log) return;
    const last = positionCode(this.logs.last(from.log));
    if (this.logs.startsWith(from.log, local.log)) {
      const entry = positionCode(this.logs.entryAfter(from.log, local.log));
      this.#simple('append', member, source, entry);
    } else if (!this.logs.startsWith(local.log, from.log)) {
      this.#simple('diverge', member, source, last * 256 + source);
    }
  }

  #undo(member: number, local: LocalState): void {
    const source = this.#local(local.source);
    const isCommon = (log: LogId) => this.logs.startsWith(source.log, log);
    const rest = isCommon(local.log) ? local.log : this.logs.withoutLast(local.log);
    const to = positionCode(this.logs.last(rest));
    this.#simple('undo', member, local.source, to * 2 + (isCommon(rest) ? 1 : 0));
  }

  #persist(member: number): void {
    const reaction = this.#react(member, 'persist', 0);
    this.#begin('persist', member, -1, '');
    const { granted, held, promised } = this.layout;
    const before = this.next[promised + member]!;
    for (let candidate = 0; candidate < this.bounds.members; candidate++) {
      const answers = this.next[held + candidate]! & (1 << member);
      this.next[held + candidate] = this.next[held + candidate]! & ~answers;
      this.next[granted + candidate] = this.next[granted + candidate]! | answers;
      if (answers !== 0) this.#promise(member, this.#local(candidate).term, before);
    }
    this.#take(member, reaction);
    this.#finish();
  }

  #restart(member: number, act: 'restart' | 'powerLoss', count: number): void {
    const reaction = this.#react(member, act, 0);
    if (reaction.local === this.#row[member]) return;
    this.#begin(act, member, -1, '');
    const { held, faults } = this.layout;
    for (let candidate = 0; candidate < this.bounds.members; candidate++)
      this.next[held + candidate] = this.next[held + candidate]! & ~(1 << member);
    this.next[faults] = this.next[faults]! + count;
    this.#take(member, reaction, true);
    this.#finish();
  }

  /** An act that concerns one member, and nothing when it changes nothing. */
  #simple(act: Act, member: number, other = -1, param = 0): void {
    const reaction = this.#react(member, act, param);
    if (reaction.local === this.#row[member] && reaction.fatal === undefined) return;
    this.#begin(act, member, other, '');
    this.#take(member, reaction);
    this.#finish();
  }

  #react(member: number, act: Act, param: number): Reaction {
    return this.reactions.react(this.#row[member]!, member, act, param, this.#eager);
  }

  #begin(act: Act, member: number, other: number, detail: string): void {
    const { action } = this;
    action.act = act;
    action.member = member;
    action.other = other;
    action.detail = detail;
    this.violation = undefined;
    this.next.set(this.#row);
  }

  #broken(what: string): void {
    this.violation ??= what;
  }

  /** The member is now what its step made of it. */
  #take(member: number, reaction: Reaction, lostDisk = false): void {
    const before = this.locals.at(this.next[member]!);
    const after = this.locals.at(reaction.local);
    const keepsBallot =
      isBallot(before) &&
      isBallot(after) &&
      before.term === after.term &&
      before.asked === after.asked;
    if (isBallot(before) && !keepsBallot) this.#retireBallot(member);
    this.next[member] = reaction.local;
    if (before.log !== after.log) this.#logChanged(member, before.log, after.log, lostDisk);
    if (isTenure(after) && !isTenure(before)) this.#won(member, after);
    this.#acknowledged(member, reaction);
    if (reaction.fatal !== undefined) this.#broken(`Fatal: ${reaction.fatal}`);
  }

  #retireBallot(member: number): void {
    const { granted, held, late } = this.layout;
    const local = this.locals.at(this.next[member]!);
    if (!isBallot(local)) return;
    this.next[granted + member] = 0;
    this.next[held + member] = 0;
    if (this.bounds.lateRequests)
      this.next[late + member] = this.late.with(
        this.next[late + member]!,
        local.asked * 16 + local.term,
      );
  }

  #logChanged(member: number, before: LogId, after: LogId, lostDisk: boolean): void {
    const { logs } = this;
    const committed = this.commits.log(this.next[this.layout.commits]!);
    const kept = (log: LogId) => logs.commonLength(log, committed);
    if (!lostDisk && kept(after) < kept(before)) this.#broken('NoCommittedRollback');
    for (let other = 0; other < this.bounds.members; other++)
      if (other !== member && !this.#match(after, this.locals.at(this.next[other]!).log))
        this.#broken('LogMatching');
  }

  /** Two logs with an entry in common have everything before it in common. */
  #match(a: LogId, b: LogId): boolean {
    const { logs } = this;
    const common = logs.commonLength(a, b);
    for (let at = a; logs.length(at) > common; at = logs.withoutLast(at))
      if (logs.upTo(b, logs.last(at)) !== undefined) return false;
    return true;
  }

  #won(member: number, { term, log }: LocalState): void {
    const { won, commits, electionLogs } = this.layout;
    this.#promise(member, term);
    if ((this.next[won]! >> term) & 1) this.#broken('ElectionSafety');
    this.next[won] = this.next[won]! | (1 << term);
    if (!this.logs.startsWith(log, this.commits.below(this.next[commits]!, term)))
      this.#broken('LeaderCompleteness');
    this.next[electionLogs + term] = log + 1;
  }

  #acknowledged(member: number, { acknowledged, acknowledgedWith }: Reaction): void {
    if (acknowledged === 0) return;
    const { term, opid } = positionOf(acknowledged);
    // A message that carries a higher term deposes the primary of this one before anything in it is counted.
    if (acknowledgedWith > term) return;
    const { facts } = this.layout;
    const known = (this.next[facts + member]! >> (4 * term)) & 15;
    if (opid + 1 > known)
      this.next[facts + member] = this.next[facts + member]! + ((opid + 1 - known) << (4 * term));
  }

  #finish(): void {
    this.#commit();
    this.#forget();
    this.canonical.apply(this.next);
    this.#emit();
  }

  /** Every primary hears every fact that counts for it. Sooner is no other than later: facts stay true, and a commit is for ever. */
  #commit(): void {
    const { next } = this;
    const { facts, commits } = this.layout;
    for (let primary = 0; primary < this.bounds.members; primary++) {
      const local = this.locals.at(next[primary]!);
      if (!isTenure(local)) continue;
      let param = 0;
      for (let member = this.bounds.members - 1; member >= 0; member--) {
        const opid = ((next[facts + member]! >> (4 * local.term)) & 15) - 1;
        param = param * 256 + (opid < 0 || member === primary ? 0 : local.term * 16 + opid);
      }
      if (param === 0) continue;
      const reaction = this.reactions.react(
        next[primary]!,
        primary,
        'hearFacts',
        param,
        this.#eager,
      );
      if (reaction.commitPoint === 0) continue;
      const log = this.logs.upTo(local.log, positionOf(reaction.commitPoint));
      if (log === undefined) {
        this.#broken('CommitPointInOwnLog');
        continue;
      }
      const before = next[commits]!;
      const after = this.commits.commit(before, log, local.term);
      if (after === undefined) this.#broken('LeaderCompleteness');
      else if (after !== before) {
        next[commits] = after;
        this.#committedLate(local.term, log);
      }
    }
  }

  /** Who was elected in a higher term before this was committed must have it all the same. */
  #committedLate(term: number, log: LogId): void {
    const { electionLogs } = this.layout;
    for (let later = term + 1; later <= this.bounds.terms; later++) {
      const elected = this.next[electionLogs + later]!;
      if (elected !== 0 && !this.logs.startsWith(elected - 1, log))
        this.#broken('LeaderCompleteness');
    }
  }

  /** Drops what can no longer matter. */
  #forget(): void {
    const { next } = this;
    const { facts, commits, electionLogs, late } = this.layout;
    const { members, terms } = this.bounds;
    let tenures = 0;
    for (let member = 0; member < members; member++) {
      const local = this.locals.at(next[member]!);
      if (isTenure(local)) tenures |= 1 << local.term;
    }
    const committed = this.commits.log(next[commits]!);
    for (let member = 0; member < members; member++) {
      let kept = 0;
      for (let term = 1; term <= terms; term++) {
        const opid = ((next[facts + member]! >> (4 * term)) & 15) - 1;
        if (opid < 0 || ((tenures >> term) & 1) === 0) continue;
        if (this.logs.upTo(committed, { term, opid }) !== undefined) continue;
        kept |= (opid + 1) << (4 * term);
      }
      next[facts + member] = kept;
    }
    for (let term = 1; term <= terms; term++)
      if ((tenures & ((1 << term) - 1)) === 0) next[electionLogs + term] = 0;
    for (let member = 0; member < members; member++) {
      const requests = next[late + member]!;
      if (requests === 0) continue;
      next[late + member] = this.late.filter(requests, (request) => {
        for (let voter = 0; voter < members; voter++)
          if (voter !== member && this.locals.at(next[voter]!).voted < (request & 15)) return true;
        return false;
      });
    }
  }

  #highestKnown(): number {
    let highest = 0;
    for (let member = 0; member < this.bounds.members; member++)
      highest = Math.max(highest, this.#local(member).known);
    return highest;
  }

  #powerLossesUsed(row: Int32Array): number {
    return row[this.layout.faults]! >> 4;
  }

  #local(member: number): LocalState {
    return this.locals.at(this.#row[member]!);
  }
}
