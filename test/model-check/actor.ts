import {
  completeConfig,
  createMember,
  type Effect,
  type Gtid,
  type Input,
  type Member,
  type Message,
  type RulesForTests,
  step,
} from '../../src/ark/index.ts';
import type { LocalState } from './local-state.ts';
import { type LogId, type Logs, positionCode, positionOf } from './logs.ts';

/*
 * Between two steps the checker keeps a LocalState; to take a step it makes a whole Member of it again, feeds the real
 * `step` and looks at what became of the Member. What a LocalState leaves out is set here to the value that forbids least:
 *
 * - Time. `now` stands still, so no timer fires by itself; an input that stands for elapsed time sets the clock for itself.
 * - Who is heard. No primary is believed in and nobody is known to be up, so no vote is refused for it, and nobody stands by itself.
 * - The configuration is the same for all: with fixed members an older one only makes a voter refuse.
 * - Tokens and attempts are numbered anew. What belongs to an older ballot is kept apart by the checker.
 * - Own and others' acknowledged positions. They are facts in the network, which the checker keeps (see `facts.ts`).
 */

const clock = 1_000_000_000;
const longWait = 1_000_000;
export const setName = 'checked';

/** What the members of one search have in common. */
export interface Setting {
  readonly logs: Logs;
  readonly members: number;
  readonly rules: RulesForTests | undefined;
  readonly commitPoints: boolean;
}

/** What a step did beside changing the member. */
export interface Outcome {
  /** It answered a vote request with yes; `held` while the answer waits for the disk. */
  granted: boolean;
  held: boolean;
  /** Position code of what it acknowledges, 0 for nothing, and the term its message carries. */
  acknowledged: number;
  acknowledgedWith: number;
  /** Position code of the commit point it announced, 0 for none. */
  commitPoint: number;
  fatal: string | undefined;
}

/** A member with its log and its disk, alive for one transition. */
export class Actor {
  readonly member: Member;
  readonly outcome: Outcome = {
    granted: false,
    held: false,
    acknowledged: 0,
    acknowledgedWith: 0,
    commitPoint: 0,
    fatal: undefined,
  };
  readonly #setting: Setting;
  log: LogId;
  disk: LogId;
  diskVote: number;

  constructor(setting: Setting, self: number, local: LocalState) {
    this.#setting = setting;
    this.member = embed(setting, self, local);
    this.log = local.log;
    this.disk = local.disk;
    this.diskVote = local.diskVote;
  }

  feed(input: WithoutNow<Input>): void {
    this.#take(step(this.member, { ...input, now: this.member.now } as Input));
  }

  /** A message from the member with this id, which has heard of `term`. */
  hear(from: number, term: number, body: MessageBody): void {
    const { config, self } = this.member;
    const message = {
      set: setName,
      from,
      fromHost: hostOf(from),
      to: self ?? -1,
      incarnation: incarnationOf(from),
      term,
      config: { version: config?.version ?? 1, term: config?.term ?? 0, admission: 0 },
      ...body,
    } as Message;
    this.feed({ kind: 'message', message });
  }

  /** So much time passes that every timer fires. */
  wait(): void {
    this.member.now += longWait;
  }

  append(gtid: Gtid, sourceCommitPoint?: Gtid): void {
    this.feed({
      kind: 'appended',
      gtid,
      ...(sourceCommitPoint === undefined ? {} : { sourceCommitPoint }),
    });
    if (positionCode(this.member.lastEntry) === positionCode(gtid))
      this.log = this.#setting.logs.append(this.log, gtid);
  }

  undo(to: Gtid, finished: boolean): void {
    this.feed({ kind: 'rolledBack', to, rollbackId: this.member.rollbackId + 1, finished });
    if (positionCode(this.member.lastEntry) < positionCode(this.#setting.logs.last(this.log)))
      this.log = this.#setting.logs.withoutLast(this.log);
  }

  /** The log is on disk and the member has been told. */
  flush(): void {
    if (this.disk === this.log && this.#isDurable()) return;
    this.disk = this.log;
    const { lastEntry, rollbackId } = this.member;
    this.feed({ kind: 'durable', gtid: lastEntry, rollbackId });
  }

  /** The votes are on disk and the member has been told. */
  persist(): void {
    const vote = this.member.vote?.term ?? 0;
    if (this.diskVote === vote) return;
    this.diskVote = vote;
    this.feed({ kind: 'persisted', token: this.member.nextToken - 1 });
  }

  /** The process ends, and starts again with what the disk holds; `lost`: only what was flushed. */
  restart(self: number, lost: boolean): LocalState {
    const log = lost ? this.disk : this.log;
    const vote = lost ? this.diskVote : (this.member.vote?.term ?? 0);
    const { logs } = this.#setting;
    const member = createMember({
      ...optionsOf(this.#setting, self),
      ...(vote === 0 ? {} : { vote: voteRecord(self, vote) }),
      lastEntry: logs.last(log),
    });
    return project(this.#setting, member, log, log, vote);
  }

  local(): LocalState {
    return project(this.#setting, this.member, this.log, this.disk, this.diskVote);
  }

  #isDurable(): boolean {
    return positionCode(this.member.lastDurable) === positionCode(this.member.lastEntry);
  }

  #take(effects: readonly Effect[]): void {
    const { outcome, member } = this;
    for (const effect of effects) {
      if (effect.kind === 'fatal') outcome.fatal ??= effect.because;
      else if (effect.kind === 'commitPoint') outcome.commitPoint = positionCode(effect.gtid);
      else if (effect.kind === 'send' && effect.message.kind === 'voteAnswer') {
        if (!effect.message.granted) continue;
        outcome.granted = true;
        outcome.held = (effect.afterToken ?? 0) > member.persistedToken;
      }
    }
    const fact = member.progress[member.self ?? -1];
    if (fact === undefined) return;
    outcome.acknowledged = positionCode(fact.position);
    outcome.acknowledgedWith = member.maxKnownTermId;
  }
}

type WithoutNow<T> = T extends Input ? Omit<T, 'now'> : never;
type HeaderFields = 'set' | 'from' | 'fromHost' | 'to' | 'incarnation' | 'term' | 'config';
type MessageBody = Message extends infer M
  ? M extends Message
    ? Omit<M, HeaderFields>
    : never
  : never;

function hostOf(id: number): string {
  return `m${id}:1`;
}

export function incarnationOf(id: number): string {
  return `incarnation ${id}`;
}

function voteRecord(self: number, term: number) {
  return {
    term,
    candidate: self,
    incarnation: incarnationOf(self),
    configVersion: 1,
    configTerm: 0,
  };
}

function optionsOf({ members, rules }: Setting, self: number) {
  return {
    host: hostOf(self),
    incarnation: incarnationOf(self),
    processId: 'process',
    now: clock,
    config: configOf(members),
    needsInitialSync: false,
    ...(rules === undefined ? {} : { rules }),
  };
}

function configOf(members: number) {
  return completeConfig({
    _id: setName,
    members: Array.from({ length: members }, (_, id) => ({
      _id: id,
      host: hostOf(id),
      incarnation: incarnationOf(id),
    })),
  });
}

const attempt = 'attempt';
/** The attempt that answers to the ballot now open carry. */
export const openAttempt = attempt;

function embed(setting: Setting, self: number, local: LocalState): Member {
  const { logs } = setting;
  const lastEntry = logs.last(local.log);
  const member = createMember({
    ...optionsOf(setting, self),
    ...(local.vote === 0 ? {} : { vote: voteRecord(self, local.vote) }),
    lastEntry,
    commitPoint: positionOf(local.commitPoint),
  });
  // Token 1 is the one before this step: of the own vote, of an answer that is held.
  member.nextToken = 2;
  member.lastDurable = positionOf(local.durable);
  member.maxVotedTermId = local.voted;
  member.maxKnownTermId = local.known;
  member.role = roleOf(local, member);
  return member;
}

function roleOf(local: LocalState, { now, durableConfig }: Member): Member['role'] {
  const { role, term } = local;
  const ballot = {
    attempt,
    handoff: true,
    electionTermId: term,
    lastEntry: positionOf(local.asked),
    config: durableConfig,
    startedAt: now,
    yes: [],
    no: [],
  };
  const tenure = {
    kind: 'primary' as const,
    term,
    takeoverReadySince: undefined,
    confirmations: [],
    admissionFloors: {},
    confirmationRound: 0,
  };
  switch (role) {
    case 'secondary':
      return { kind: 'secondary' };
    case 'voting':
      return { kind: 'candidate', phase: { name: 'voting', ...ballot } };
    case 'ownVote':
      return { kind: 'candidate', phase: { name: 'ownVote', ...ballot, token: 1 } };
    case 'awaitingNoop':
      return { ...tenure, phase: { name: 'awaitingNoop' } };
    case 'writable':
      return { ...tenure, phase: { name: 'writable' } };
    case 'rollback':
      return { kind: 'rollback', source: local.source };
  }
}

function project(
  setting: Setting,
  member: Member,
  log: LogId,
  disk: LogId,
  diskVote: number,
): LocalState {
  const { role } = member;
  const state = {
    log,
    disk,
    durable: positionCode(member.lastDurable),
    voted: member.maxVotedTermId,
    known: member.maxKnownTermId,
    vote: member.vote?.term ?? 0,
    diskVote,
    term: 0,
    asked: 0,
    source: -1,
    commitPoint: setting.commitPoints ? positionCode(member.commitPoint) : 0,
  };
  switch (role.kind) {
    case 'secondary':
      return { ...state, role: 'secondary' };
    case 'rollback':
      return { ...state, role: 'rollback', source: role.source };
    case 'primary':
      if (role.phase.name === 'catchingUp') break;
      return { ...state, role: role.phase.name, term: role.term };
    case 'candidate': {
      const { phase } = role;
      if (phase.name !== 'voting' && phase.name !== 'ownVote') break;
      const asked = positionCode(phase.lastEntry);
      return { ...state, role: phase.name, term: phase.electionTermId, asked };
    }
  }
  throw new Error(`the checker does not know this role: ${JSON.stringify(role)}`);
}
