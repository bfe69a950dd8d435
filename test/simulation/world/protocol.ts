import type {
  Effect,
  Gtid,
  Input,
  MemberOptions,
  PositionFact,
  ReplicaSetConfig,
  WriteConcern,
} from '../../../src/ark/index.ts';
import type { Log } from './log.ts';

/**
 * What the world asks of the rules it simulates. `M` is the state of one member. Ark is one implementation (`ark-protocol.ts`); others may
 * stand beside it as long as they take the same inputs, give the same effects and speak the same messages (extended where needed: the
 * world looks into no message but where an invariant says so).
 *
 * The contract with the caller is the one in `src/ark/effects.ts` and `inputs.ts`; the world keeps it, crashes and all.
 */
export interface Protocol<M> {
  readonly name: string;

  /** A member as its process starts, from what is on its disk. Nothing is done yet: a `tick` follows. */
  create(options: MemberOptions): M;

  /** Changes the member and says what is to be done, in order. `wallMillis` is the node's own wall clock, for protocols that read it. */
  step(member: M, input: Input, wallMillis: number): Effect[];

  /** When the member wants its next `tick`, on its own monotonic clock. */
  nextDeadline(member: M): number;

  view(member: M): MemberView;

  /**
   * Where the next entry goes. `last` is the last entry of the own log, `wallSeconds` the own wall clock, for protocols whose positions
   * are times. Asked only while `isWritable`.
   */
  nextGtid(member: M, last: Gtid, wallSeconds: number): Gtid;

  /** Whether a client that waits for `concern` on the entry at `gtid`, written in `term`, may be answered. */
  isAcknowledged(member: M, concern: WriteConcern, gtid: Gtid, term: number): boolean;

  /** The newest position that all who vote on index builds hold, where the protocol can tell. */
  heldByBuildVoters?(member: M): Gtid | undefined;

  /** The source's side of pulling: what `source` says to a member that asks for what follows `position`, the end of its log. */
  comparePull(source: M, sourceLog: Log, position: Log): PullVerdict;
}

/**
 * `follows`: the source's log contains the position (or the protocol believes so) and the rest can be sent. Else the outcome that
 * the pulling member is told (`Fetched` in `src/ark/inputs.ts`).
 */
export type PullVerdict = 'follows' | 'diverged' | 'nothing';

/** What the world and its invariants may know of a member. */
export interface MemberView {
  readonly role:
    | 'startup'
    | 'initialSync'
    | 'secondary'
    | 'candidate'
    | 'primary'
    | 'rollback'
    | 'recovering'
    | 'arbiter'
    | 'removed';
  /** The electionTermId of a primary's tenure, else the highest term known. */
  readonly term: number;
  /** Client writes may enter the log. */
  readonly isWritable: boolean;
  readonly lastEntry: Gtid;
  readonly lastDurable: Gtid;
  readonly commitPoint: Gtid;
  readonly maxVotedTermId: number;
  readonly maxKnownTermId: number;
  readonly config: ReplicaSetConfig | undefined;
  /** What it has acknowledged of its own log, as facts travel; undefined in protocols without. */
  readonly acknowledged: PositionFact | undefined;
}

/** Others may pull from it. */
export function mayServe(view: MemberView): boolean {
  return view.role === 'primary' || view.role === 'secondary' || view.role === 'candidate';
}
