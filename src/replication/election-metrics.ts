/**
 * `electionCandidateMetrics` of `replSetGetStatus`: how the present tenure of this member came about.
 * It is there from the election until the tenure ends; dates of what has not happened yet are absent.
 */
import { type Gtid, type Member, memberById, type RoleEffect, voteMajority } from '../ark/index.ts';
import type { Clock } from './environment.ts';

interface Election {
  readonly reason: 'electionTimeout' | 'stepUpRequestSkipDryRun';
  readonly date: Date;
  readonly term: number;
  readonly votesNeeded: number;
  readonly priority: number;
  readonly timeoutMillis: number;
  tenureOpened: Date | undefined;
  majorityAvailable: Date | undefined;
}

export class ElectionMetrics {
  readonly #clock: Clock;
  #election: Election | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  roleTaken({ state, writable, term, because }: RoleEffect, member: Member): void {
    const { config, self } = member;
    const date = new Date(this.#clock.wallMs());
    if (state !== 'PRIMARY' || config === undefined) {
      this.#election = undefined;
      return;
    }
    if (this.#election?.term !== term) {
      this.#election = {
        reason: because === 'electedByHandoff' ? 'stepUpRequestSkipDryRun' : 'electionTimeout',
        date,
        term,
        votesNeeded: voteMajority(config),
        priority: memberById(config, self)?.priority ?? 0,
        timeoutMillis: config.settings.electionTimeoutMillis,
        tenureOpened: undefined,
        majorityAvailable: undefined,
      };
    }
    if (writable) {
      this.#election.tenureOpened ??= date;
    }
  }

  commitPointMoved(commitPoint: Gtid): void {
    if (this.#election !== undefined && this.#election.term === commitPoint.term) {
      this.#election.majorityAvailable ??= new Date(this.#clock.wallMs());
    }
  }

  /** Undefined on members that are not primary. */
  document(): Record<string, unknown> | undefined {
    const election = this.#election;
    if (election === undefined) {
      return undefined;
    }
    const { tenureOpened, majorityAvailable } = election;
    return {
      lastElectionReason: election.reason,
      lastElectionDate: election.date,
      electionTerm: BigInt(election.term),
      numVotesNeeded: election.votesNeeded,
      priorityAtElection: election.priority,
      electionTimeoutMillis: BigInt(election.timeoutMillis),
      ...(tenureOpened === undefined ? {} : { newTermStartDate: tenureOpened }),
      ...(majorityAvailable === undefined
        ? {}
        : { wMajorityWriteAvailabilityDate: majorityAvailable }),
    };
  }
}
