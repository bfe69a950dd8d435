import type { VoteRecord } from './effects.ts';
import { type Gtid, initialGtid } from './gtid.ts';
import type { MemberStatus, PositionFact } from './messages.ts';
import { type Policies, type PoliciesForTests, policiesOf } from './policies.ts';
import {
  type ConfigVersion,
  configVersionOf,
  defaultSettings,
  type MemberConfig,
  memberById,
  noConfigVersion,
  type ReplicaSetConfig,
  type ReplicaSetSettings,
} from './replica-set-config.ts';
import type { Role } from './role.ts';
import { type RulesForTests, type SafetyRules, safetyRules } from './safety-rules.ts';

/**
 * The whole state of one member's Ark: plain data, so it can be copied with structuredClone, hashed and
 * compared. Only `step` changes it; others read it, best through `queries.ts`.
 *
 * Invariants (asserted by the simulations):
 * - maxVotedTermId never falls; maxKnownTermId is at least that, and at least lastEntry.term.
 * - lastDurable <= lastEntry; commitPoint <= lastEntry, but while data is copied, and never falls.
 * - a primary's term equals its own durable vote, and no other member ever has that term.
 */
export interface Member {
  readonly host: string;
  readonly incarnation: string;
  readonly processId: string;
  readonly rules: SafetyRules;
  readonly policies: Policies;

  config: ReplicaSetConfig | undefined;
  /** The newest configuration known to be on our disk: the one we may claim to hold. */
  durableConfig: ConfigVersion;
  /** Own member id in `config`. */
  self: number | undefined;
  role: Role;

  lastEntry: Gtid;
  lastDurable: Gtid;
  rollbackId: number;
  commitPoint: Gtid;

  /** Highest term voted yes in. */
  maxVotedTermId: number;
  /** Highest term heard of from anybody. */
  maxKnownTermId: number;
  vote: VoteRecord | undefined;

  /** The primary believed in: of the highest known term, and not known to be gone. */
  primary: KnownPrimary | undefined;
  /** By member id, all other members of the configuration. */
  peers: Record<number, Peer>;
  /** By member id, what has been acknowledged, the own member included. */
  progress: Record<number, PositionFact>;

  /** The newest time and draw given. */
  now: number;
  random: number;

  nextToken: number;
  persistedToken: number;
  /** Configurations on their way to disk, oldest first. */
  persistingConfigs: { readonly token: number; readonly version: ConfigVersion }[];
  nextAttempt: number;
  nextHeartbeatSequence: number;

  /** Not to stand before: after losing, after voting for another, after hearing of a new term. */
  standNotBefore: number;
  /** The candidate voted for last, while it may still become primary. */
  awaitedCandidate: number | undefined;
  frozenUntil: number;
  failedAttempts: number;
  sleptLast: boolean;

  sync: SyncState;
}

export interface KnownPrimary {
  readonly id: number;
  readonly term: number;
  heardAt: number;
}

/** What is known of another member. */
export interface Peer {
  /** Undefined until it has said anything. */
  status: MemberStatus | undefined;
  incarnation: string | undefined;
  config: ConfigVersion;
  /** False after its connection closed, until its next message. */
  connected: boolean;
  /** When its last answer to a heartbeat of ours came, and when it last said anything. */
  answeredAt: number | undefined;
  heardAt: number | undefined;
  /** When our last heartbeat left, and which. */
  askedAt: number | undefined;
  askedSequence: number;
  /** The newest heartbeat of ours that it has answered, in the incarnation that counts; -1 before any. */
  answeredSequence: number;
  /** Smoothed round trip, milliseconds. */
  pingMillis: number | undefined;
  /** Since when it vetoes our elections without a pause. */
  vetoingSince: number | undefined;
}

export interface SyncState {
  source: number | undefined;
  /** One shot, by command. */
  forced: number | undefined;
  /** When pulling last brought something, or began. */
  progressAt: number;
  /** Sources not to be used until then. */
  vetoedUntil: Record<number, number>;
  /** Who has said that it no longer keeps what follows our last entry. */
  tooStaleFor: number[];
}

/** What the caller knows when a member's process starts. */
export interface MemberOptions {
  /** Own `name:port` as configurations write it. */
  readonly host: string;
  /** Own id in `config`, for members that configurations may name differently. Default: by `host`. */
  readonly self?: number;
  /** Random id made with the data directory, lost with it. */
  readonly incarnation: string;
  /** Random id made at each start of the process: no attempt of an earlier life is ever mistaken for one of this. */
  readonly processId: string;
  readonly now: number;
  /** From the durable state. */
  readonly vote?: VoteRecord;
  readonly config?: ReplicaSetConfig;
  /** From the log as found on disk, so all of it is durable. */
  readonly lastEntry?: Gtid;
  readonly rollbackId?: number;
  readonly commitPoint?: Gtid;
  /** There is no complete data here: an initial sync is due (or was interrupted). */
  readonly needsInitialSync: boolean;
  /** With an interrupted copy: the last entry held before it began (rule `resync`). Default: nothing was. */
  readonly heldBefore?: Gtid;
  readonly rules?: RulesForTests;
  readonly policies?: PoliciesForTests;
}

export function newPeer(): Peer {
  return {
    status: undefined,
    incarnation: undefined,
    config: noConfigVersion,
    connected: true,
    answeredAt: undefined,
    heardAt: undefined,
    askedAt: undefined,
    askedSequence: -1,
    answeredSequence: -1,
    pingMillis: undefined,
    vetoingSince: undefined,
  };
}

/** A member as its process starts. It has done nothing yet: feed a `tick` next. */
export function createMember(options: MemberOptions): Member {
  const { host, incarnation, processId, now, vote, config } = options;
  const lastEntry = options.lastEntry ?? initialGtid;
  const held = options.heldBefore ?? initialGtid;
  const maxVotedTermId = vote?.term ?? 0;
  const self = options.self ?? config?.members.find((member) => member.host === host)?._id;
  const peers: Record<number, Peer> = {};
  for (const member of config?.members ?? [])
    if (member._id !== self) peers[member._id] = newPeer();
  return {
    host,
    incarnation,
    processId,
    rules: safetyRules(options.rules),
    policies: policiesOf(options.policies),
    config,
    durableConfig: configVersionOf(config),
    self,
    role: roleAtStart(config, memberById(config, self), options.needsInitialSync, held),
    lastEntry,
    lastDurable: lastEntry,
    rollbackId: options.rollbackId ?? 0,
    commitPoint: options.commitPoint ?? initialGtid,
    maxVotedTermId,
    maxKnownTermId: Math.max(maxVotedTermId, lastEntry.term, held.term, config?.term ?? 0),
    vote,
    primary: undefined,
    peers,
    progress: {},
    now,
    random: 0.5,
    nextToken: 1,
    persistedToken: 0,
    persistingConfigs: [],
    nextAttempt: 1,
    nextHeartbeatSequence: 1,
    standNotBefore: now,
    awaitedCandidate: undefined,
    frozenUntil: now,
    failedAttempts: 0,
    sleptLast: false,
    sync: {
      source: undefined,
      forced: undefined,
      progressAt: now,
      vetoedUntil: {},
      tooStaleFor: [],
    },
  };
}

/** The role of a member that has just been given this configuration, or has just started with it. */
export function roleAtStart(
  config: ReplicaSetConfig | undefined,
  own: MemberConfig | undefined,
  needsInitialSync: boolean,
  held: Gtid,
): Role {
  if (config === undefined) return { kind: 'startup' };
  if (own === undefined) return { kind: 'removed', held: needsInitialSync ? held : initialGtid };
  if (own.arbiterOnly) return { kind: 'arbiter' };
  if (needsInitialSync) return { kind: 'initialSync', source: undefined, held, isOutdated: false };
  return { kind: 'secondary' };
}

export function settingsOf(member: Member): ReplicaSetSettings {
  return member.config?.settings ?? defaultSettings;
}

/** Of whoever has one: all but a member that waits for its first. */
export function configOf({ config, host }: Member): ReplicaSetConfig {
  if (config === undefined) throw new Error(`${host} has no configuration`);
  return config;
}

/** Own member id, of whoever a configuration names. */
export function selfOf({ self, host }: Member): number {
  if (self === undefined) throw new Error(`${host} is no member`);
  return self;
}

export function ownConfig(member: Member): MemberConfig | undefined {
  return memberById(member.config, member.self);
}

/** All members of the configuration in use, the own one among them; nobody without one. */
export function membersOf(member: Member): readonly MemberConfig[] {
  return member.config?.members ?? [];
}
