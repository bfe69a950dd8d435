import type { Invariant } from '../watcher.ts';
import { acknowledgementInvariants } from './acknowledgement.ts';
import { commitmentInvariants } from './commitment.ts';
import { electionInvariants } from './elections.ts';
import { logInvariants } from './logs.ts';
import { voteInvariants } from './votes.ts';

/** Everything that must hold after every step. */
export const invariants: readonly Invariant[] = [
  ...electionInvariants,
  ...voteInvariants,
  ...logInvariants,
  ...acknowledgementInvariants,
  ...commitmentInvariants,
];
