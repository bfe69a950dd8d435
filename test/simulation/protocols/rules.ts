/**
 * The replication protocols before Ark, as far as they decide who leads, what is acknowledged and what is rolled back. They are kept as
 * controls: what the paper says they lose must be seen lost, under rules that also do their daily work.
 *
 * They share nearly everything (heartbeats, the two rounds of an election, one yes in 30 seconds, acknowledgement by the position pulled up
 * to); the fields below are what differs. Sources: [P] Kasheff and Walsh, "Ark: A Real-World Consensus Implementation", arXiv:1407.4765;
 * [W] Kasheff, "A New Consensus Algorithm for TokuMX and MongoDB" (white paper); [M] the behaviour of the servers of that time, read from
 * their public sources (MongoDB 2.4 and 2.6, TokuMX 1.5.0; files `repl/manager`, `consensus`, `bgsync`, `heartbeat`, `rs_rollback`).
 */
export interface PredecessorRules {
  readonly name: string;
  /**
   * `wallClock`: (second, counter) of the clock of the primary that writes, never going back within one log ([P] 2.4.1, OpTime).
   * `gtid`: (term, opid), where a new primary writes with the term of its last entry plus one ([P] 2.4.1).
   */
  readonly positions: 'wallClock' | 'gtid';
  /**
   * What a primary does that sees another one ([P] 2.5 and Problem 3.2, [W] Example 1).
   * `higherIdStepsDown`: MongoDB 2.4 keeps the one with the lower member id [M].
   * `earlierElectedStepsDown`: MongoDB 2.6 compares the wall-clock times of the elections (SERVER-9765) [M].
   * `bothStepDown`: TokuMX 1.5, whoever notices, on purpose, for an election to decide [M].
   */
  readonly onOtherPrimary: 'higherIdStepsDown' | 'earlierElectedStepsDown' | 'bothStepDown';
  /** A primary steps down when it hears that another member's log is ahead of its own (TokuMX) [M]. */
  readonly stepsDownWhenBehind: boolean;
  /** A member that finds its sync source behind rolls back to it (MongoDB); else it looks for another source (TokuMX) [M]. */
  readonly rollsBackToSourceBehind: boolean;
  /** Shortest pause between two rollbacks of one process. */
  readonly rollbackPauseMillis: number;
  /** Pause after a rollback before pulling goes on. */
  readonly restAfterRollbackMillis: number;
}

export const mongodb24: PredecessorRules = {
  name: 'mongodb24',
  positions: 'wallClock',
  onOtherPrimary: 'higherIdStepsDown',
  stepsDownWhenBehind: false,
  rollsBackToSourceBehind: true,
  rollbackPauseMillis: 60_000,
  restAfterRollbackMillis: 1000,
};

export const mongodb26: PredecessorRules = {
  ...mongodb24,
  name: 'mongodb26',
  onOtherPrimary: 'earlierElectedStepsDown',
};

export const tokumx15: PredecessorRules = {
  name: 'tokumx15',
  positions: 'gtid',
  onOtherPrimary: 'bothStepDown',
  stepsDownWhenBehind: true,
  rollsBackToSourceBehind: false,
  rollbackPauseMillis: 0,
  restAfterRollbackMillis: 2000,
};

/*
 * What all three have in common, in milliseconds unless said [M]; [P] 2.1, 2.5.
 */

/** Pause between the end of one heartbeat to a member and the next. */
export const heartbeatPauseMillis = 2000;
/** A heartbeat, and any other question to a member, has failed after so long without an answer. */
export const answerTimeoutMillis = 10_000;
/** What was lost on the way is sent again after so long, as TCP does; the receivers take doubled messages for one. */
export const sendAgainMillis = 500;
/** The manager looks at the state of the set after a heartbeat that told nothing new only if it has not for so long. */
export const managerIdleMillis = 4000;
/** A member that has said yes says yes to nobody else for so long. Seconds of the wall clock. */
export const leaseSeconds = 30;
/** A candidate that met its equal sleeps so long, and up to the second figure longer. */
export const tieSleepMillis: readonly [number, number] = [50, 1000];
/** A process younger than this stands only if everybody it believes up has answered. */
export const startGraceMillis = 5 * 60_000;
/** A won election that took longer is void. Seconds of the wall clock. */
export const electionLimitSeconds = 30;
/** Who lags the freshest by more does not count as electable. Seconds. */
export const electableLagSeconds = 10;
/** A sync source that lags another by more is left. Seconds. */
export const syncSourceLagSeconds = 30;
/** A request to a source waits so long for what it has. */
export const sourceTimeoutMillis = 30_000;
/** A source that could not be reached is not tried again for so long. */
export const sourceVetoMillis = 10_000;
/** Without a source: look again after so long. */
export const sourceRetryMillis = 1000;
/** A rollback over a longer time is refused, and the member is FATAL. Seconds. */
export const rollbackSpanSeconds = 1800;
