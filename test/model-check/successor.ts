import type { Gtid } from '../../src/ark/index.ts';
import type { Bounds } from './bounds.ts';
import type { Canonical } from './canonical.ts';
import type { Commits } from './commits.ts';
import type { Layout } from './layout.ts';
import {
  isBallot,
  isSecondary,
  isTenure,
  type LocalState,
  type LocalStates,
} from './local-state.ts';
import { type LogId, type Logs, positionOf } from './logs.ts';
import { packAdmission, packWithdrawal, type Reaction, type Reactions } from './reactions.ts';
import type { Requests } from './requests.ts';

/** What all states of one search share. */
export interface Vocabulary {
  readonly bounds: Bounds;
  readonly layout: Layout;
  readonly logs: Logs;
  readonly locals: LocalStates;
  readonly commits: Commits;
  readonly requests: Requests;
  readonly reactions: Reactions;
  readonly canonical: Canonical;
}

/** Everything that can be wrong with a state. The first six lose data or answer wrongly; the others are what should prevent it. */
export type Violation =
  | 'ElectionSafety'
  | 'LeaderCompleteness'
  | 'NoCommittedRollback'
  | 'DirtyMajorityRead'
  | 'StaleLinearizableRead'
  | 'FalseWriteConcern'
  | 'OneVotePerTerm'
  | 'LogMatching'
  | 'CommitPointInOwnLog'
  | 'Fatal';

export const losses: ReadonlySet<Violation> = new Set([
  'ElectionSafety',
  'LeaderCompleteness',
  'NoCommittedRollback',
  'DirtyMajorityRead',
  'StaleLinearizableRead',
  'FalseWriteConcern',
]);

/**
 * The state a transition leads to, in the making: what becomes of the network, of what has been promised and committed, and whether
 * anything is lost by it.
 */
export class Successor {
  readonly row: Int32Array;
  violation: Violation | undefined;
  readonly #with: Vocabulary;

  constructor(vocabulary: Vocabulary) {
    this.#with = vocabulary;
    this.row = new Int32Array(vocabulary.layout.length);
  }

  begin(from: Int32Array): void {
    this.violation = undefined;
    const { width } = this.#with.layout;
    for (let at = 0; at < width; at++) this.row[at] = from[at]!;
  }

  broken(what: Violation): void {
    this.violation ??= what;
  }

  /** The member is now what its step made of it. `lostLog`: its log was not rolled back but lost or given up. */
  take(member: number, reaction: Reaction, lostLog = false): void {
    const { locals } = this.#with;
    const before = this.local(member);
    const after = locals.at(reaction.local);
    if (isBallot(before) && !isSameBallot(before, after)) this.retireBallot(member);
    this.row[member] = reaction.local;
    // Of another configuration nobody has said anything yet.
    if (before.config !== after.config) this.row[this.#with.layout.holders + member] = 0;
    if (before.log !== after.log) this.#logChanged(member, before.log, after.log, lostLog);
    if (isTenure(after) && !isTenure(before)) this.#won(member, after);
    this.#acknowledged(member, after, reaction);
    // Alone, or with those who need not be heard again: in a set that has become smaller.
    const { commitPoint } = reaction;
    if (after.role === 'writable' && positionOf(commitPoint).term === after.term)
      this.#committed(member, commitPoint);
    if (reaction.fatal !== undefined) this.broken('Fatal');
  }

  /** The answers to its ballot no longer count; the requests may still arrive. */
  retireBallot(member: number): void {
    const { bounds, layout, requests } = this.#with;
    const { granted, held, former, late } = layout;
    const { row } = this;
    const local = this.local(member);
    if (!isBallot(local)) return;
    if (bounds.also.lateAnswers)
      row[former + member] = row[former + member]! | row[granted + member]!;
    row[granted + member] = 0;
    row[held + member] = 0;
    if (bounds.also.lateRequests) row[late + member] = requests.with(row[late + member]!, local);
  }

  /** A yes for this term has left the voter; before that the highest was for `before`. */
  promise(
    voter: number,
    term: number,
    before = this.row[this.#with.layout.promised + voter]!,
  ): void {
    const { promised, width } = this.#with.layout;
    // Where nothing can be forgotten the vote record says as much.
    if (promised >= width) return;
    if (before >= term) this.broken('OneVotePerTerm');
    this.row[promised + voter] = Math.max(this.row[promised + voter]!, term);
  }

  /** Everything that follows from the new state, whatever led to it. */
  finish(eager: boolean): void {
    this.#noteHolders();
    this.#commit(eager);
    this.#checkReads();
    this.#checkHolders(eager);
    this.#forget();
    this.#with.canonical.apply(this.row);
  }

  local(member: number): LocalState {
    return this.#with.locals.at(this.row[member]!);
  }

  #logChanged(member: number, before: LogId, after: LogId, lostLog: boolean): void {
    const { logs, commits, layout } = this.#with;
    const kept = commits.bindingPart(this.row[layout.commits]!, before);
    if (!lostLog && !logs.startsWith(after, kept)) this.broken('NoCommittedRollback');
    for (let other = 0; other < layout.members; other++)
      if (other !== member && !logs.match(after, this.local(other).log)) this.broken('LogMatching');
  }

  #won(member: number, { term, log }: LocalState): void {
    const { commits, logs, layout } = this.#with;
    const { row } = this;
    this.promise(member, term);
    if ((row[layout.won]! >> term) & 1) this.broken('ElectionSafety');
    row[layout.won] = row[layout.won]! | (1 << term);
    if (!logs.startsWith(log, commits.below(row[layout.commits]!, term)))
      this.broken('LeaderCompleteness');
    row[layout.electionLogs + term] = log + 1;
  }

  #acknowledged(member: number, local: LocalState, reaction: Reaction): void {
    const { acknowledged, acknowledgedWith } = reaction;
    if (acknowledged === 0) return;
    const { bounds, layout } = this.#with;
    const { term, opid } = positionOf(acknowledged);
    // A message that carries a higher term deposes the primary of this one before anything in it is counted.
    if (acknowledgedWith > term && !bounds.off.includes('messageTermsHeeded')) return;
    this.#checkHeld(member, local, { term, opid });
    const at = (local.incarnation === 0 ? layout.facts : layout.newFacts) + member;
    const known = (this.row[at]! >> (4 * term)) & 15;
    if (opid + 1 > known) this.row[at] = this.row[at]! + ((opid + 1 - known) << (4 * term));
  }

  /** Who says that it holds an entry holds it: a primary of that term may count it for `w: 2` at once. */
  #checkHeld(member: number, { log }: LocalState, position: Gtid): void {
    const { layout, logs } = this.#with;
    if (logs.upTo(log, position) !== undefined) return;
    for (let primary = 0; primary < layout.members; primary++) {
      const { term } = this.local(primary);
      if (primary !== member && isTenure(this.local(primary)) && term === position.term)
        this.broken('FalseWriteConcern');
    }
  }

  /** Every primary hears every fact that counts for it. Sooner is no other than later: facts stay true, and a commit is for ever. */
  #commit(eager: boolean): void {
    const { layout, bounds } = this.#with;
    const { facts, newFacts } = layout;
    // Where a disk is lost beside an arbiter one holder may be enough, once the configuration is held.
    if (bounds.also.admissions && layout.arbiters > 0) {
      for (let primary = 0; primary < layout.members; primary++)
        if (isTenure(this.local(primary))) this.#countHolders(primary, eager);
      return;
    }
    let hasFacts = false;
    let hasNewFacts = false;
    for (let member = 0; member < layout.members; member++) {
      if (this.row[facts + member] !== 0) hasFacts = true;
      if (this.row[newFacts + member] !== 0) hasNewFacts = true;
    }
    if (!hasFacts && !hasNewFacts) return;
    for (let primary = 0; primary < layout.members; primary++) {
      if (!isTenure(this.local(primary))) continue;
      if (hasFacts) this.#count(primary, eager, false);
      if (hasNewFacts) this.#count(primary, eager, true);
    }
  }

  #count(primary: number, eager: boolean, withNew: boolean): void {
    const { reactions } = this.#with;
    const { row } = this;
    const param = this.factsFor(row, primary, withNew);
    if (param === 0) return;
    const reaction = reactions.react(row[primary]!, primary, 'hearFacts', param, eager);
    if (reaction.commitPoint === 0) return;
    row[primary] = reaction.local;
    this.#committed(primary, reaction.commitPoint);
  }

  #countHolders(primary: number, eager: boolean): void {
    const { layout, reactions } = this.#with;
    const { row } = this;
    for (const withNew of [false, true]) {
      const facts = this.factsFor(row, primary, withNew);
      const param = packAdmission(primary, false, row[layout.holders + primary]!, facts);
      const reaction = reactions.react(row[primary]!, primary, 'admit', param, eager);
      if (reaction.commitPoint === 0) continue;
      row[primary] = reaction.local;
      this.#committed(primary, reaction.commitPoint);
    }
  }

  #committed(primary: number, commitPoint: number): void {
    const { layout, commits, logs } = this.#with;
    const { row } = this;
    const { term, log: own } = this.local(primary);
    const position = positionOf(commitPoint);
    const log = logs.prefixUpTo(own, position);
    const before = row[layout.commits]!;
    const after = commits.commit(before, log, term);
    if (after === undefined) this.broken('LeaderCompleteness');
    else if (after !== before) {
      row[layout.commits] = after;
      this.#committedLate(term, log);
    }
    if (logs.upTo(own, position) === undefined) this.broken('CommitPointInOwnLog');
  }

  /** What all others have told this primary that counts for it, as the act `hearFacts` wants it. */
  factsFor(row: Int32Array, primary: number, withNew = false): number {
    const { layout, locals } = this.#with;
    const { term } = locals.at(row[primary]!);
    let param = 0;
    for (let member = layout.members - 1; member >= 0; member--) {
      const renewed = withNew ? this.#countable(row[layout.newFacts + member]!, term) : 0;
      const code =
        renewed === 0 ? this.#countable(row[layout.facts + member]!, term) : renewed + 128;
      param = param * 256 + (member === primary ? 0 : code);
    }
    return param;
  }

  /** Who holds the configuration of a primary says so, unless its message carries a higher term, which ends the tenure first. */
  #noteHolders(): void {
    const { layout } = this.#with;
    const { holders, width, members } = layout;
    if (holders >= width) return;
    for (let primary = 0; primary < members; primary++) {
      const local = this.local(primary);
      if (!isTenure(local)) this.row[holders + primary] = 0;
      else
        for (let member = 0; member < members; member++) {
          const { config, known } = this.local(member);
          if (member === primary || config !== local.config || known > local.term) continue;
          this.row[holders + primary] =
            this.row[holders + primary]! | (1 << (member + 8 * this.local(member).incarnation));
        }
    }
  }

  /** The position code of the best of one member's facts that a primary of this term might count. */
  #countable(facts: number, term: number): number {
    const { bounds } = this.#with;
    const { off } = bounds;
    const ownOnly = !off.includes('commitOwnTermOnly');
    const highest = off.includes('messageTermsHeeded') && !ownOnly ? bounds.terms : term;
    for (let at = highest; at >= (ownOnly ? term : 1); at--) {
      const opid = ((facts >> (4 * at)) & 15) - 1;
      if (opid >= 0) return at * 16 + opid;
    }
    return 0;
  }

  /** Who was elected in a higher term before this was committed must have it all the same. */
  #committedLate(term: number, log: LogId): void {
    const { bounds, layout, logs } = this.#with;
    for (let later = term + 1; later <= bounds.terms; later++) {
      const elected = this.row[layout.electionLogs + later]!;
      if (elected !== 0 && !logs.startsWith(elected - 1, log)) this.broken('LeaderCompleteness');
    }
  }

  /** A majority read is of what has been committed. */
  #checkReads(): void {
    const { bounds, layout, logs, commits } = this.#with;
    if (!bounds.also.commitPoints) return;
    const committed = commits.log(this.row[layout.commits]!);
    for (let member = 0; member < layout.members; member++) {
      const { role, commitPoint, log } = this.local(member);
      if (role === 'initialSync') continue;
      const readable = logs.prefixUpTo(log, positionOf(commitPoint));
      if (!logs.startsWith(committed, readable)) this.broken('DirtyMajorityRead');
      else if (logs.upTo(log, positionOf(commitPoint)) === undefined)
        this.broken('CommitPointInOwnLog');
    }
  }

  /** Who has said last that it holds an entry no more is not counted for `w: 2`. */
  #checkHolders(eager: boolean): void {
    const { layout, logs, reactions } = this.#with;
    const { row } = this;
    for (let member = 0; member < layout.members; member++) {
      if (row[layout.facts + member] === 0) continue;
      const holder = this.local(member);
      for (let primary = 0; primary < layout.members; primary++) {
        const { term } = this.local(primary);
        if (!isTenure(this.local(primary)) || !isSecondary(holder)) continue;
        const opid = ((row[layout.facts + member]! >> (4 * term)) & 15) - 1;
        if (opid < 0 || logs.upTo(holder.log, { term, opid }) !== undefined) continue;
        const param = packWithdrawal(member, term * 16 + opid, holder.known);
        const { counted } = reactions.react(row[primary]!, primary, 'hearWithdrawal', param, eager);
        if (counted !== 0 && logs.upTo(holder.log, positionOf(counted)) === undefined)
          this.broken('FalseWriteConcern');
      }
    }
  }

  /** Drops what can no longer matter. */
  #forget(): void {
    const { row } = this;
    const { layout, bounds, requests } = this.#with;
    const { members, late, electionLogs } = layout;
    let tenures = 0;
    for (let member = 0; member < members; member++) {
      const local = this.local(member);
      if (isTenure(local)) tenures |= 1 << local.term;
    }
    // Without that rule facts of any term may count for a later primary.
    const counted = bounds.off.includes('commitOwnTermOnly') ? -1 : tenures;
    for (let member = 0; member < members; member++) {
      const { facts, newFacts } = layout;
      if (row[facts + member] !== 0)
        row[facts + member] = this.#factsThatMatter(row[facts + member]!, counted);
      if (row[newFacts + member] !== 0)
        row[newFacts + member] = this.#factsThatMatter(row[newFacts + member]!, counted);
      if (row[late + member] !== 0)
        row[late + member] = requests.above(row[late + member]!, this.#lowestVoted(member));
    }
    for (let term = 1; term <= bounds.terms; term++)
      if ((tenures & ((1 << term) - 1)) === 0) row[electionLogs + term] = 0;
  }

  /** Of the terms in the mask, and not of what is committed anyway. */
  #factsThatMatter(facts: number, terms: number): number {
    const { bounds, layout, logs, commits } = this.#with;
    const committed = commits.log(this.row[layout.commits]!);
    let kept = 0;
    for (let term = 1; term <= bounds.terms; term++) {
      const opid = ((facts >> (4 * term)) & 15) - 1;
      if (opid < 0 || ((terms >> term) & 1) === 0) continue;
      // The next configuration asks for it once more.
      if (bounds.faults.reconfigs > 0 || bounds.also.admissions) kept |= (opid + 1) << (4 * term);
      else if (logs.upTo(committed, { term, opid }) === undefined) kept |= (opid + 1) << (4 * term);
    }
    return kept;
  }

  /** The lowest term up to which a voter other than this one has voted: requests for terms up to it get no yes any more. */
  #lowestVoted(except: number): number {
    const { bounds, layout } = this.#with;
    if (bounds.off.includes('oneVotePerTerm')) return 0;
    let lowest = bounds.terms;
    for (let voter = 0; voter < layout.voters; voter++)
      if (voter !== except) lowest = Math.min(lowest, this.local(voter).voted);
    return lowest;
  }
}

function isSameBallot(before: LocalState, after: LocalState): boolean {
  return isBallot(after) && before.term === after.term && before.asked === after.asked;
}
