/**
 * The rules that make Ark safe, each with a switch. In production every switch is on; test builds turn one
 * off to show that the checkers then find the loss it prevents. The names of rules (G1, ...) are those of the table in README.md.
 */
export interface SafetyRules {
  /** No acknowledgement below the voted term: the heart of Ark. */
  readonly acknowledgementGate: boolean;
  /** A voter refuses a candidate whose log is behind its own. */
  readonly voterComparesLogs: boolean;
  /** One yes per term: a term not above maxVotedTermId is refused. */
  readonly oneVotePerTerm: boolean;
  /** G1, G2: only positions of the primary's own term move the commit point. */
  readonly commitOwnTermOnly: boolean;
  /** Only voting members count for the commit point. */
  readonly votersOnlyCommit: boolean;
  /** G3: what a secondary acknowledges is durable. */
  readonly acknowledgeDurableOnly: boolean;
  /** G3: a primary, too, counts itself only for what is durable. */
  readonly primaryCountsDurableOnly: boolean;
  /** A flush that began before a rollback vouches for nothing after it. */
  readonly staleFlushIgnored: boolean;
  /** G4: a vote is durable before its answer leaves. */
  readonly voteDurableBeforeAnswer: boolean;
  /** G4: the candidate's own vote is durable before it becomes primary. */
  readonly ownVoteDurable: boolean;
  /** G5: the candidate's own vote passes the same test as any other: a term above all it has voted in. */
  readonly ownVoteChecked: boolean;
  /** Whoever votes for another no longer stands itself. */
  readonly votingEndsCandidacy: boolean;
  /** G5: votes are counted per voter and attempt. */
  readonly votesCountedPerVoter: boolean;
  /** G6: votes and positions of another incarnation than the recorded one do not count. */
  readonly incarnationsChecked: boolean;
  /** G6: nor does what another data directory holds for a configuration to be in force. */
  readonly recordedHoldConfigs: boolean;
  /** G7: a commit point heard of is taken only if it is known to lie in the own history. */
  readonly commitPointWithinOwnLog: boolean;
  /** G8: what was acknowledged before a rollback is taken back. */
  readonly rollbackWithdraws: boolean;
  /** G11: only answers to heartbeats that left after a linearizable read prove that this member led still. */
  readonly leadConfirmedAfterRead: boolean;
  /** A term on any message from a member ends what happens in lower ones, before the message is looked at. */
  readonly messageTermsHeeded: boolean;
  /** Rolling back only towards a source that is ahead. */
  readonly rollbackOnlyForward: boolean;
  /** STARTUP2, ROLLBACK, RECOVERING, REMOVED: no votes, no acknowledgement, no candidacy. */
  readonly quietStates: boolean;
  /** `resync`: a copy that replaces data ends at or after the last entry held before. */
  readonly resyncReachesHeld: boolean;
  /** G12: a configuration adds or removes one voter at most. */
  readonly oneVoterAtATime: boolean;
  /** G12: a configuration follows one that a majority holds, with all that is committed committed under it. */
  readonly configCommittedFirst: boolean;
}

const allSafetyRules: SafetyRules = {
  acknowledgementGate: true,
  voterComparesLogs: true,
  oneVotePerTerm: true,
  commitOwnTermOnly: true,
  votersOnlyCommit: true,
  acknowledgeDurableOnly: true,
  primaryCountsDurableOnly: true,
  staleFlushIgnored: true,
  voteDurableBeforeAnswer: true,
  ownVoteDurable: true,
  ownVoteChecked: true,
  votingEndsCandidacy: true,
  votesCountedPerVoter: true,
  incarnationsChecked: true,
  recordedHoldConfigs: true,
  commitPointWithinOwnLog: true,
  rollbackWithdraws: true,
  leadConfirmedAfterRead: true,
  messageTermsHeeded: true,
  rollbackOnlyForward: true,
  quietStates: true,
  resyncReachesHeld: true,
  oneVoterAtATime: true,
  configCommittedFirst: true,
};

/** How a test build asks for fewer rules; there is no other way to turn one off. */
export interface RulesForTests {
  readonly testOnly: true;
  readonly off: readonly (keyof SafetyRules)[];
}

export function safetyRules(forTests: RulesForTests | undefined): SafetyRules {
  if (forTests === undefined) return allSafetyRules;
  if (forTests.testOnly !== true) throw new Error('Safety rules can be turned off in tests only');
  const rules: Record<keyof SafetyRules, boolean> = { ...allSafetyRules };
  for (const rule of forTests.off) rules[rule] = false;
  return rules;
}
