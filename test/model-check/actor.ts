import type { Effect, Gtid, Input, Member, Message } from '../../src/ark/index.ts';
import { configVersionOf, gtidsEqual, noConfigVersion, step } from '../../src/ark/index.ts';
import { type ConfigCode, versionIn } from './config-codes.ts';
import { configOf, embed, newMember, project, type Setting, voteRecord } from './embedding.ts';
import { isPersisting, type LocalState } from './local-state.ts';
import { type LogId, positionCode, positionOf } from './logs.ts';
import { hostOf, incarnationOf, setName } from './names.ts';

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
  /** Position code of what it counts another member for, after what that one has said last; 0 for nothing. */
  counted: number;
  /** A command was answered with ok. */
  confirmed: boolean;
  fatal: string | undefined;
}

/** Who sends a message: a member id and how often that member has lost its disk. */
export interface Sender {
  readonly id: number;
  readonly incarnation: number;
  /** Default: the same as the member's that hears it. */
  readonly config?: ConfigCode;
  /** It has no configuration yet. */
  readonly isBehind?: boolean;
}

const longWait = 1_000_000;

/** A member with its log and its disk, alive for one transition. */
export class Actor {
  readonly member: Member;
  readonly self: number;
  readonly outcome: Outcome = {
    granted: false,
    held: false,
    acknowledged: 0,
    acknowledgedWith: 0,
    commitPoint: 0,
    counted: 0,
    confirmed: false,
    fatal: undefined,
  };
  /** What it has sent, in order. */
  readonly sent: Message[] = [];
  readonly #setting: Setting;
  readonly #before: LocalState;
  #log: LogId;
  #disk: LogId;
  #diskVote: number;
  #isPersisting: boolean;
  #downTo: number;
  #unreported: number;

  constructor(setting: Setting, self: number, local: LocalState) {
    this.#setting = setting;
    this.#before = local;
    this.self = self;
    this.member = embed(setting, self, local);
    this.#log = local.log;
    this.#disk = local.disk;
    this.#diskVote = local.diskVote;
    this.#isPersisting = isPersisting(local);
    this.#downTo = local.downTo;
    this.#unreported = local.unreported;
  }

  feed(input: WithoutNow<Input>): void {
    this.#take(step(this.member, { ...input, now: this.member.now } as Input));
  }

  /** A message whose sender has heard of `term`. */
  hear(
    { id, incarnation, config = 0, isBehind = false }: Sender,
    term: number,
    body: MessageBody,
  ): void {
    const { self } = this.member;
    const message = {
      set: setName,
      from: id,
      fromHost: hostOf(id),
      to: self ?? -1,
      incarnation: incarnationOf(id, incarnation),
      term,
      config: isBehind
        ? noConfigVersion
        : config === 0
          ? configVersionOf(this.member.config)
          : versionIn(config),
      ...body,
    } as Message;
    this.feed({ kind: 'message', message });
  }

  /** So much time passes that every timer fires. */
  wait(): void {
    this.member.now += longWait;
  }

  /** From somebody who holds this configuration. */
  hearConfig(code: ConfigCode, from: Sender): void {
    const newerConfig = configOf(this.#setting, code);
    const body = {
      kind: 'heartbeatAnswer',
      sequence: 1,
      status: emptyStatus,
      newerConfig,
    } as const;
    this.hear({ ...from, config: code }, newerConfig.term, body);
  }

  append(gtid: Gtid, sourceCommitPoint?: Gtid): void {
    this.feed({
      kind: 'appended',
      gtid,
      ...(sourceCommitPoint === undefined ? {} : { sourceCommitPoint }),
    });
    if (gtidsEqual(this.member.lastEntry, gtid))
      this.#log = this.#setting.logs.append(this.#log, gtid);
  }

  /** Undoes the last entry, if it is not common; the common point stays the one that was found first. */
  undo(downTo: Gtid): void {
    const { logs } = this.#setting;
    const isCommon = gtidsEqual(this.member.lastEntry, downTo);
    const to = isCommon ? downTo : logs.last(logs.withoutLast(this.#log));
    const finished = gtidsEqual(to, downTo);
    this.#downTo = finished ? -1 : positionCode(downTo);
    this.feed({ kind: 'rolledBack', to, rollbackId: this.member.rollbackId + 1, finished });
    if (gtidsEqual(this.member.lastEntry, logs.last(this.#log))) return;
    this.#log = logs.withoutLast(this.#log);
    if (this.#unreported > 0) this.#unreported = -this.#unreported;
  }

  /** The log leads nowhere: the data is given up at once. */
  giveUp(input: WithoutNow<Input>): void {
    this.feed(input);
    if (this.member.role.kind !== 'initialSync') return;
    this.#log = 0;
    this.#disk = 0;
    this.#unreported = 0;
  }

  copy(source: number, log: LogId): void {
    const lastEntry = this.#setting.logs.last(log);
    this.feed({ kind: 'initialSyncFinished', outcome: 'ok', source, lastEntry });
    if (this.member.role.kind === 'initialSync') return;
    this.#log = log;
    this.#disk = log;
  }

  /** The log is on disk and the member has been told. */
  flush(): void {
    const { lastEntry, lastDurable, rollbackId } = this.member;
    if (this.#disk === this.#log && gtidsEqual(lastDurable, lastEntry)) return;
    this.#disk = this.#log;
    this.feed({ kind: 'durable', gtid: lastEntry, rollbackId });
  }

  /** The log is on disk, and the report of it is on its way. */
  flushUnreported(): void {
    this.#disk = this.#log;
    this.#unreported = positionCode(this.member.lastEntry);
  }

  reportFlush(): void {
    const gtid = positionOf(Math.abs(this.#unreported));
    const isStale = this.#unreported < 0;
    this.#unreported = 0;
    const { rollbackId } = this.member;
    this.feed({ kind: 'durable', gtid, rollbackId: isStale ? rollbackId - 1 : rollbackId });
  }

  /** Vote and configuration are on disk and the member has been told. */
  persist(): void {
    if (!this.#isPersisting) return;
    this.#isPersisting = false;
    this.#diskVote = this.member.vote?.term ?? 0;
    this.feed({ kind: 'persisted', token: this.member.nextToken - 1 });
  }

  /** The process ends, and starts again with what the disk holds; `lost`: only what was flushed. */
  restarted(lost: boolean): LocalState {
    const { incarnation, role, held, commitPoint, config } = this.#before;
    const log = lost ? this.#disk : this.#log;
    const vote = lost ? this.#diskVote : (this.member.vote?.term ?? 0);
    const { logs } = this.#setting;
    const isCopying = role === 'initialSync';
    const member = newMember(this.#setting, this.self, incarnation, {
      config: configOf(this.#setting, config),
      ...(vote === 0 ? {} : { vote: voteRecord(this.self, vote) }),
      lastEntry: logs.last(log),
      needsInitialSync: isCopying,
      ...(isCopying && held !== 0 ? { heldBefore: this.#heldBefore() } : {}),
      ...(positionCode(logs.last(log)) >= commitPoint
        ? { commitPoint: this.member.commitPoint }
        : {}),
    });
    const storage = { log, disk: log, diskVote: vote, incarnation, downTo: -1, unreported: 0 };
    return project(this.#setting, member, storage);
  }

  /** It comes back with an empty disk and is told this configuration, 0 for the only one. */
  wiped(code: ConfigCode): LocalState {
    const incarnation = this.#before.incarnation + 1;
    const { member } = this;
    const fresh = newMember(this.#setting, this.self, incarnation, { needsInitialSync: true });
    const config = configOf(this.#setting, code);
    const from = this.self === 0 ? 1 : 0;
    const message = {
      kind: 'heartbeatAnswer',
      set: setName,
      from,
      fromHost: hostOf(from),
      to: this.self,
      incarnation: incarnationOf(from, 0),
      term: 0,
      config: configVersionOf(config),
      sequence: 1,
      status: emptyStatus,
      newerConfig: config,
    } as const;
    step(fresh, { kind: 'message', message, now: member.now });
    const storage = { log: 0, disk: 0, diskVote: 0, incarnation, downTo: -1, unreported: 0 };
    return project(this.#setting, fresh, storage);
  }

  local(): LocalState {
    return project(this.#setting, this.member, {
      log: this.#log,
      disk: this.#disk,
      diskVote: this.#diskVote,
      incarnation: this.#before.incarnation,
      downTo: this.#downTo,
      unreported: this.#unreported,
    });
  }

  #heldBefore(): Gtid {
    const { role } = this.member;
    return role.kind === 'initialSync' ? role.held : { term: 0, opid: 0 };
  }

  #take(effects: readonly Effect[]): void {
    const { outcome, member } = this;
    for (const effect of effects) {
      if (effect.kind === 'fatal') outcome.fatal ??= effect.because;
      else if (effect.kind === 'commitPoint') outcome.commitPoint = positionCode(effect.gtid);
      else if (effect.kind === 'reply') outcome.confirmed ||= effect.outcome.ok;
      else if (effect.kind === 'persist') this.#isPersisting = true;
      else if (effect.kind === 'send') this.#send(effect.message, effect.afterToken);
    }
    const fact = member.progress[member.self ?? -1];
    if (fact === undefined) return;
    outcome.acknowledged = positionCode(fact.position);
    outcome.acknowledgedWith = member.maxKnownTermId;
  }

  #send(message: Message, afterToken: number | undefined): void {
    this.sent.push(message);
    if (message.kind !== 'voteAnswer' || !message.granted) return;
    this.outcome.granted = true;
    this.outcome.held = (afterToken ?? 0) > this.member.persistedToken;
  }
}

type WithoutNow<T> = T extends Input ? Omit<T, 'now'> : never;
type HeaderField = 'set' | 'from' | 'fromHost' | 'to' | 'incarnation' | 'term' | 'config';
type WithoutHeader<T> = T extends Message ? Omit<T, HeaderField> : never;
type MessageBody = WithoutHeader<Message>;

/** Of a member that says nothing of interest. */
export const emptyStatus = {
  state: 'SECONDARY',
  lastEntry: { term: 0, opid: 0 },
  lastDurable: { term: 0, opid: 0 },
  acknowledged: undefined,
  commitPoint: { term: 0, opid: 0 },
  electionTermId: undefined,
  primary: undefined,
  syncSource: undefined,
  electable: false,
} as const;
