import type { Gtid } from './gtid.ts';
import type { ConfigVersion, ReplicaSetConfig } from './replica-set-config.ts';

/**
 * What members say to each other. Every message is one-way and plain JSON; an answer names what it
 * answers by its fields. Messages may be lost, doubled, delayed and reordered without harm.
 */
export type Message =
  | HeartbeatRequest
  | HeartbeatAnswer
  | SpeculativeVoteRequest
  | SpeculativeVoteAnswer
  | VoteRequest
  | VoteAnswer
  | PositionReport
  | StandNow;

/** What every message carries: who speaks, and the gossip (paper: maxKnownTermId travels on everything). */
export interface MessageHeader {
  /** Name of the set; empty when the sender has no configuration yet. */
  readonly set: string;
  /** Member id of the sender, -1 when it does not know it yet. */
  readonly from: number;
  /** Where to answer when `from` is -1. */
  readonly fromHost: string;
  /** Member id the sender knows the receiver by, -1 when it does not know it. */
  readonly to: number;
  /** The data directory that speaks. */
  readonly incarnation: string;
  /** maxKnownTermId of the sender: the highest term it has heard of. */
  readonly term: number;
  readonly config: ConfigVersion;
}

/** MongoDB's member states; `memberStateCode` gives the number. */
export type MemberStateName =
  | 'STARTUP'
  | 'PRIMARY'
  | 'SECONDARY'
  | 'RECOVERING'
  | 'STARTUP2'
  | 'UNKNOWN'
  | 'ARBITER'
  | 'DOWN'
  | 'ROLLBACK'
  | 'REMOVED';

export const memberStateCode: Readonly<Record<MemberStateName, number>> = {
  STARTUP: 0,
  PRIMARY: 1,
  SECONDARY: 2,
  RECOVERING: 3,
  STARTUP2: 5,
  UNKNOWN: 6,
  ARBITER: 7,
  DOWN: 8,
  ROLLBACK: 9,
  REMOVED: 10,
};

/**
 * A true fact about the past: this incarnation of the member held everything up to `position`, durably,
 * and had then not voted in a higher term. Forwarded unchanged. A later rollback of that member withdraws it
 * by a higher `rollbackId`.
 */
export interface PositionFact {
  readonly member: number;
  readonly incarnation: string;
  readonly rollbackId: number;
  readonly position: Gtid;
}

/** What a member says about itself in heartbeats. */
export interface MemberStatus {
  readonly state: MemberStateName;
  /** The last entry of its log: for freshness and for choosing a sync source. */
  readonly lastEntry: Gtid;
  readonly lastDurable: Gtid;
  /** What it acknowledges, if anything. */
  readonly acknowledged: PositionFact | undefined;
  readonly commitPoint: Gtid;
  /** The term it is primary of; undefined on others. */
  readonly electionTermId: number | undefined;
  /** The primary it believes in. */
  readonly primary: number | undefined;
  readonly syncSource: number | undefined;
  /** It could stand for election: eligible, not frozen, sees a majority. */
  readonly electable: boolean;
}

export interface HeartbeatRequest extends MessageHeader {
  readonly kind: 'heartbeatRequest';
  readonly sequence: number;
  readonly status: MemberStatus;
}

export interface HeartbeatAnswer extends MessageHeader {
  readonly kind: 'heartbeatAnswer';
  /** Of the request this answers. */
  readonly sequence: number;
  readonly status: MemberStatus;
  /** Present when the requester's configuration is older. */
  readonly newerConfig?: ReplicaSetConfig;
}

/** "Would you vote for me?" Handling it changes nothing at the receiver. */
export interface SpeculativeVoteRequest extends MessageHeader {
  readonly kind: 'speculativeVoteRequest';
  readonly attempt: string;
  readonly lastEntry: Gtid;
}

export interface SpeculativeVoteAnswer extends MessageHeader {
  readonly kind: 'speculativeVoteAnswer';
  readonly attempt: string;
  /** `veto` asks the candidate not to go on although a majority might agree. */
  readonly verdict: 'yes' | 'no' | 'veto';
  readonly because?: VoteRefusal;
  readonly maxVotedTermId: number;
  readonly lastEntry: Gtid;
  /** The voter could itself stand: an equal log is then a tie. */
  readonly canStand: boolean;
}

export interface VoteRequest extends MessageHeader {
  readonly kind: 'voteRequest';
  readonly attempt: string;
  readonly electionTermId: number;
  readonly lastEntry: Gtid;
  /** The old primary has asked the candidate to stand: having just heard that primary is no reason to refuse. */
  readonly handoff: boolean;
}

export interface VoteAnswer extends MessageHeader {
  readonly kind: 'voteAnswer';
  readonly attempt: string;
  readonly electionTermId: number;
  readonly granted: boolean;
  readonly because?: VoteRefusal;
  readonly lastEntry: Gtid;
}

export type VoteRefusal =
  | 'voterCannotVote'
  | 'otherSet'
  | 'candidateUnknown'
  | 'candidateIncarnationUnknown'
  | 'candidateConfigIsOlder'
  | 'voterIsPrimary'
  | 'voterHeardPrimary'
  | 'candidateIsBehind'
  | 'higherPriorityIsReady'
  | 'voterStandsItself'
  | 'termIsNotNew';

/** Acknowledged positions, one's own and those of members further down the chain. */
export interface PositionReport extends MessageHeader {
  readonly kind: 'positionReport';
  readonly positions: readonly PositionFact[];
}

/** From a primary that has just stepped down: stand at once, without the speculative round. */
export interface StandNow extends MessageHeader {
  readonly kind: 'standNow';
  /** Last entry of the tenure that ended: pull up to here first, for a bounded time. */
  readonly catchUpTo: Gtid;
}
