import type { Bounds, Faults } from './bounds.ts';
import { Canonical } from './canonical.ts';
import { Commits } from './commits.ts';
import { isNewer } from './config-codes.ts';
import { Conversations } from './conversations.ts';
import { firstConfig, type Setting } from './embedding.ts';
import { faultUnits, type Layout, layoutOf } from './layout.ts';
import {
  firstLocalState,
  isBallot,
  isPersisting,
  isSecondary,
  isServing,
  isTenure,
  type LocalState,
  LocalStates,
} from './local-state.ts';
import { Logs, positionCode } from './logs.ts';
import {
  type Act,
  packAdmission,
  packAnswers,
  packReconfig,
  packRequest,
  type Reaction,
  Reactions,
} from './reactions.ts';
import { type LateRequest, Requests } from './requests.ts';
import { Successor, type Vocabulary } from './successor.ts';

/** What was done last, for traces. */
export interface Action {
  what: Act | 'chooseSource' | 'confirmLead';
  member: number;
  other: number;
  detail: string;
}

type Emit = () => void;

/**
 * All that may happen to a replica set, one transition at a time. What a member does in a transition is always the real `step`'s
 * answer; the model decides only which inputs are possible, which is the network's, the disk's and the shell's part.
 */
export class Model implements Vocabulary {
  readonly bounds: Bounds;
  readonly layout: Layout;
  readonly setting: Setting;
  readonly logs = new Logs();
  readonly locals = new LocalStates();
  readonly commits = new Commits(this.logs);
  readonly requests = new Requests();
  readonly reactions: Reactions;
  readonly canonical: Canonical;
  /** The state emitted last. */
  readonly next: Successor;
  readonly action: Action = { what: 'stand', member: 0, other: -1, detail: '' };

  readonly #conversations: Conversations;
  #row: Int32Array;
  #emit: Emit = () => {};
  /** Disks take no time once no power loss can come any more: that they are slow can then only forbid something. */
  #eager = true;

  constructor(bounds: Bounds) {
    this.bounds = bounds;
    this.layout = layoutOf(bounds);
    const { arbiters, nonVoters, off, also } = bounds;
    const voters = bounds.members + arbiters;
    const rules = off.length === 0 ? undefined : { testOnly: true as const, off };
    const { commitPoints } = also;
    const reconfigures = bounds.faults.reconfigs > 0 || also.admissions;
    this.setting = {
      logs: this.logs,
      voters,
      arbiters,
      nonVoters,
      rules,
      commitPoints,
      reconfigures,
    };
    this.reactions = new Reactions(this.setting, this.locals);
    this.#conversations = new Conversations(this.setting, this.locals);
    this.canonical = new Canonical(this.layout, this.locals);
    this.next = new Successor(this);
    this.#row = this.next.row;
  }

  /** Nobody has led yet and all logs are empty. */
  initial(): Int32Array {
    const row = new Int32Array(this.layout.length);
    const config = this.setting.reconfigures ? firstConfig(this.setting) : 0;
    const { members, voters, arbiters } = this.layout;
    row.fill(this.locals.idOf({ ...firstLocalState, config }), 0, members);
    const arbiter = this.locals.idOf({ ...firstLocalState, config, role: 'arbiter' });
    row.fill(arbiter, voters - arbiters, voters);
    return row;
  }

  /** Calls `emit` once per transition, with the state it leads to in `next`. */
  forEachSuccessor(row: Int32Array, emit: Emit): void {
    this.#row = row;
    this.#emit = emit;
    this.#eager = !this.#mayHappen('powerLosses');
    for (let member = 0; member < this.layout.members; member++) {
      const local = this.#local(member);
      if (member < this.layout.voters) this.#elections(member, local);
      this.#log(member, local);
      this.#disk(member, local);
      if (this.setting.reconfigures) this.#configs(member, local);
    }
  }

  /** Newer configurations are heard of, and a primary makes others. */
  #configs(member: number, local: LocalState): void {
    const heard = new Set<number>();
    for (let other = 0; other < this.layout.members; other++) {
      const { config } = this.#local(other);
      if (!isNewer(config, local.config) || heard.has(config)) continue;
      heard.add(config);
      this.#simple('hearConfig', member, other, config);
    }
    if (local.role !== 'writable') return;
    if (this.bounds.also.admissions) this.#admit(member);
    if (!this.#mayHappen('reconfigs')) return;
    const holders = this.#row[this.layout.holders + member]!;
    const facts = this.next.factsFor(this.#row, member);
    for (let voters = 1; voters < 1 << this.layout.members; voters++) {
      const reaction = this.#react(member, 'reconfig', packReconfig(voters, holders, facts));
      if (this.locals.at(reaction.local).config === local.config) continue;
      this.#begin('reconfig', member, -1, '');
      const { faults } = this.layout;
      this.next.row[faults] = this.next.row[faults]! + faultUnits.reconfigs;
      this.#finish(member, reaction);
    }
  }

  /** Who has lost its disk speaks to a primary, all others have said what they hold. */
  #admit(primary: number): void {
    const { members, holders: column } = this.layout;
    const holders = this.#row[column + primary]!;
    const facts = this.next.factsFor(this.#row, primary, true);
    for (let member = 0; member < members; member++) {
      const { incarnation, role, known } = this.#local(member);
      if (member === primary || incarnation === 0 || known > this.#local(primary).term) continue;
      const param = packAdmission(member, role !== 'initialSync', holders, facts);
      this.#simple('admit', primary, member, param);
    }
  }

  #elections(member: number, local: LocalState): void {
    const { granted, former, late } = this.layout;
    const { gossip, speculative } = this.bounds.also;
    if (isSecondary(local) && speculative) this.#standSpeculatively(member, local);
    else if (isSecondary(local))
      for (let term = local.known; term <= this.#highestKnown(); term++)
        this.#stand(member, local, this.#react(member, 'stand', term));
    if (gossip)
      for (let term = local.known + 1; term <= this.#highestKnown(); term++)
        this.#simple('hear', member, -1, term);
    const answers = this.#row[granted + member]! | this.#row[former + member]!;
    if (local.role === 'voting' && answers !== 0) this.#count(member, local);
    if (isBallot(local)) this.#offer(member, local, local.config, true);
    for (const request of this.requests.at(this.#row[late + member]!))
      this.#offer(member, request, 0, false);
    if (isTenure(local)) this.#simple('stepDown', member);
    if (local.role === 'writable') this.#confirmLead(member, local);
  }

  #log(member: number, local: LocalState): void {
    if (local.role === 'arbiter') return;
    const isFull = this.logs.length(local.log) >= this.bounds.entries;
    if (local.role === 'writable' || local.role === 'awaitingNoop') {
      if (!isFull) this.#simple(local.role === 'writable' ? 'write' : 'noop', member);
    } else if (local.role === 'rollback') this.#undo(member, local);
    else if (local.role === 'initialSync') this.#copy(member, local);
    else if (local.role === 'catchingUp') {
      this.#pull(member, local, local.source);
      this.#simple('endCatchUp', member);
    } else {
      for (let source = 0; source < this.layout.members; source++)
        if (source !== member) this.#pull(member, local, source);
    }
  }

  #disk(member: number, local: LocalState): void {
    const { lateFlushes } = this.bounds.also;
    if (isPersisting(local)) this.#persist(member);
    if (local.disk !== local.log) {
      this.#simple('flush', member);
      if (lateFlushes && local.unreported === 0) this.#simple('flushUnreported', member);
    }
    if (local.unreported !== 0) this.#simple('reportFlush', member);
    if (this.#mayHappen('restarts')) this.#fault('restart', member, 'restarts');
    if (this.#mayHappen('powerLosses')) this.#fault('powerLoss', member, 'powerLosses');
    const mayLoseDisk = local.incarnation === 0 && local.role !== 'arbiter';
    if (mayLoseDisk && this.#mayHappen('wipes')) this.#wipe(member);
  }

  /** Somebody tells it the configuration it holds itself. */
  #wipe(member: number): void {
    const told = new Set<number>();
    for (let other = 0; other < this.layout.members; other++) {
      const { config } = this.#local(other);
      if (other === member || told.has(config)) continue;
      told.add(config);
      this.#fault('wipe', member, 'wipes', -1, config);
    }
  }

  #standSpeculatively(member: number, local: LocalState): void {
    const { members } = this.layout;
    const all = Array.from(this.#row.subarray(0, members));
    for (let heard = 1; heard < 1 << members; heard++)
      if (((heard >> member) & 1) === 0)
        this.#stand(member, local, this.#conversations.standSpeculatively(all, member, heard));
  }

  #stand(member: number, local: LocalState, reaction: Reaction): void {
    const after = this.locals.at(reaction.local);
    if (after.role !== 'voting' || after.term > this.bounds.terms) return;
    // The same ballot again, with fewer answers to it.
    if (isBallot(local) && after.term === local.term && after.asked === local.asked) return;
    this.#begin('stand', member, -1, `for term ${after.term}`);
    this.next.retireBallot(member);
    this.#finish(member, reaction);
  }

  /** The request of a ballot, open or given up, arrives at each of the voters. */
  #offer(candidate: number, request: LateRequest, config: number, isOpen: boolean): void {
    const { voters, granted, held } = this.layout;
    const { term, asked, incarnation } = request;
    const param = packRequest(candidate, incarnation, term, asked, config);
    for (let voter = 0; voter < voters; voter++) {
      if (voter === candidate) continue;
      const reaction = this.#react(voter, 'vote', param);
      if (!reaction.granted) continue;
      this.#begin('vote', voter, candidate, `in term ${term}${isOpen ? '' : ', too late'}`);
      if (!reaction.held) this.next.promise(voter, term);
      if (isOpen) {
        const at = (reaction.held ? held : granted) + candidate;
        this.next.row[at] = this.next.row[at]! | this.#bit(voter);
      }
      this.#finish(voter, reaction);
    }
  }

  #count(member: number, local: LocalState): void {
    const granted = this.#row[this.layout.granted + member]!;
    const former = this.#row[this.layout.former + member]!;
    this.#counted(member, packAnswers(granted, former, undefined));
    if (!this.bounds.also.catchUp) return;
    for (let source = 0; source < this.layout.members; source++) {
      const isAhead = this.logs.startsWith(this.#local(source).log, local.log);
      if (isAhead && this.#local(source).log !== local.log && isServing(this.#local(source)))
        this.#counted(member, packAnswers(granted, former, source));
    }
  }

  #counted(member: number, param: number): void {
    const reaction = this.#react(member, 'count', param);
    if (reaction.local === this.#row[member]) return;
    this.#begin('count', member, -1, '');
    this.#finish(member, reaction);
  }

  #pull(member: number, local: LocalState, source: number): void {
    const from = this.#local(source);
    if (!isServing(from)) return;
    const told = from.commitPoint;
    if (this.logs.startsWith(from.log, local.log)) {
      if (from.log !== local.log) {
        const entry = positionCode(this.logs.entryAfter(from.log, local.log));
        this.#simple('append', member, source, told * 256 + entry);
      }
      if (told > 0) this.#simple('learnCommitPoint', member, source, told);
    } else {
      if (!this.logs.startsWith(local.log, from.log)) {
        const last = positionCode(this.logs.last(from.log));
        this.#simple('diverge', member, source, last * 256 + source);
      }
      if (told > 0) this.#simple('learnCommitPoint', member, source, told);
    }
    if (this.#mayHappen('resyncs') && from.log !== local.log && isSecondary(local)) {
      const isAhead =
        positionCode(this.logs.last(from.log)) > positionCode(this.logs.last(local.log));
      if (isAhead) this.#fault('tooOld', member, 'resyncs', source);
    }
  }

  /** The common point is looked for once. A source that does not serve, or is no longer ahead, changes nothing. */
  #undo(member: number, local: LocalState): void {
    const source = this.#local(local.source);
    let { downTo } = local;
    if (downTo === -1) {
      const end = this.logs.last(local.log);
      const isAhead = positionCode(this.logs.last(source.log)) > positionCode(end);
      const mayFollow = isAhead || this.bounds.off.includes('rollbackOnlyForward');
      const common = this.logs.last(this.logs.common(local.log, source.log));
      downTo = positionCode(isServing(source) && mayFollow ? common : end);
    }
    this.#simple('undo', member, local.source, downTo);
  }

  /** Chooses a source by what some members or all of them say, and later has all of its data. */
  #copy(member: number, local: LocalState): void {
    const { members } = this.layout;
    const { source } = local;
    if (source !== -1) {
      const from = this.#local(source);
      const reachesHeld =
        positionCode(this.logs.last(from.log)) >= local.held ||
        this.bounds.off.includes('resyncReachesHeld');
      if (!isServing(from) || !reachesHeld) return;
      this.#begin('copied', member, source, '');
      this.#finish(member, this.#react(member, 'copied', from.log * 16 + source), true);
      return;
    }
    const all = Array.from(this.#row.subarray(0, members));
    const everybody = (1 << members) - 1;
    for (let other = -1; other < members; other++) {
      if (other === member) continue;
      const heard = other === -1 ? everybody : 1 << other;
      const reaction = this.#conversations.chooseSource(all, member, heard);
      const chosen = this.locals.at(reaction.local).source;
      if (chosen === -1) continue;
      this.#begin('chooseSource', member, chosen, '');
      this.#finish(member, reaction);
    }
  }

  /** Asked only where a wrong answer would be wrong: where something newer than the primary's log has been committed. */
  #confirmLead(member: number, local: LocalState): void {
    const commits = this.#row[this.layout.commits]!;
    const committed = this.commits.log(commits);
    if (local.log === committed || !this.logs.startsWith(committed, local.log)) return;
    if (!this.logs.startsWith(this.commits.by(commits, local.term), local.log)) return;
    const all = Array.from(this.#row.subarray(0, this.layout.members));
    const reaction = this.#conversations.confirmLead(all, member);
    if (!reaction.confirmed) return;
    this.#begin('confirmLead', member, -1, '');
    this.next.broken('StaleLinearizableRead');
    this.#emit();
  }

  #persist(member: number): void {
    const { voters, granted, held, promised } = this.layout;
    const reaction = this.#react(member, 'persist', 0);
    this.#begin('persist', member, -1, '');
    const { row } = this.next;
    const before = row[promised + member]!;
    for (let candidate = 0; candidate < voters; candidate++) {
      const answers = row[held + candidate]! & this.#bit(member);
      row[held + candidate] = row[held + candidate]! & ~answers;
      row[granted + candidate] = row[granted + candidate]! | answers;
      if (answers !== 0) this.next.promise(member, this.#local(candidate).term, before);
    }
    this.#finish(member, reaction);
  }

  #fault(
    act: Act,
    member: number,
    fault: keyof Faults,
    source = -1,
    param = Math.max(0, source),
  ): void {
    const reaction = this.#react(member, act, param);
    if (reaction.local === this.#row[member]) return;
    this.#begin(act, member, source, '');
    const { voters, held, promised, faults } = this.layout;
    const { row } = this.next;
    if (act !== 'tooOld')
      for (let candidate = 0; candidate < voters; candidate++)
        row[held + candidate] = row[held + candidate]! & ~this.#bit(member);
    if (act === 'wipe') row[promised + member] = 0;
    row[faults] = row[faults]! + faultUnits[fault];
    this.#finish(member, reaction, true);
  }

  /** An act that concerns one member, and nothing when it changes nothing. */
  #simple(act: Act, member: number, other = -1, param = 0): void {
    const reaction = this.#react(member, act, param);
    if (reaction.local === this.#row[member] && reaction.fatal === undefined) return;
    this.#begin(act, member, other, '');
    this.#finish(member, reaction);
  }

  #react(member: number, act: Act, param: number): Reaction {
    return this.reactions.react(this.#row[member]!, member, act, param, this.#eager);
  }

  #begin(what: Action['what'], member: number, other: number, detail: string): void {
    const { action } = this;
    action.what = what;
    action.member = member;
    action.other = other;
    action.detail = detail;
    this.next.begin(this.#row);
  }

  #finish(member: number, reaction: Reaction, lostLog = false): void {
    this.next.take(member, reaction, lostLog);
    this.next.finish(this.#eager);
    this.#emit();
  }

  /** Its bit in masks of voters. */
  #bit(voter: number): number {
    return 1 << (voter + 8 * this.#local(voter).incarnation);
  }

  #mayHappen(fault: keyof Faults): boolean {
    const used = Math.floor(this.#row[this.layout.faults]! / faultUnits[fault]) % 16;
    return used < this.bounds.faults[fault];
  }

  #highestKnown(): number {
    let highest = 0;
    for (let member = 0; member < this.layout.members; member++)
      highest = Math.max(highest, this.#local(member).known);
    return highest;
  }

  #local(member: number): LocalState {
    return this.locals.at(this.#row[member]!);
  }
}
