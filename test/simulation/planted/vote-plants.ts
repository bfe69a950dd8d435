import { initialGtid } from '../../../src/ark/index.ts';
import type { Plant } from './plant.ts';
import type { SabotagedSet } from './sabotaged-set.ts';

export const votePlants: readonly Plant[] = [
  {
    invariant: 'OneVotePerTerm',
    what: 'yes to two candidates of one term',
    happen(set) {
      const { world, primary, secondary, third } = set;
      set.add(secondary, [yes(set, primary, 9), yes(set, third, 9)]);
      world.run(2_000);
    },
  },
  {
    invariant: 'OneVotePerTerm',
    what: 'yes to another candidate of the term of the own tenure',
    happen(set) {
      const { world, primary, third } = set;
      set.add(primary, [yes(set, third, set.term + 1)]);
      world.run(2_000);
      set.disguise(primary, { term: set.term + 1 });
      world.tick(primary);
    },
  },
  {
    invariant: 'VoteMonotone',
    what: 'a voted term that falls',
    happen(set) {
      const { world, secondary } = set;
      set.disguise(secondary, ({ maxVotedTermId }) => ({ maxVotedTermId: maxVotedTermId - 1 }));
      world.run(2_000);
    },
  },
  {
    invariant: 'VoteMonotone',
    what: 'a vote of a lower term than the one on disk, to be written',
    happen(set) {
      const { world, secondary } = set;
      const { vote } = world.node(secondary).disk;
      set.add(secondary, [{ kind: 'persist', token: 99, vote: { ...vote!, term: 0 } }]);
      world.run(2_000);
    },
  },
  {
    invariant: 'VoteMonotone',
    what: 'a vote on disk that is lower after a restart',
    happen({ world, secondary }) {
      const { disk } = world.node(secondary);
      world.crash(secondary);
      disk.vote = { ...disk.vote!, term: 0 };
      world.start(secondary);
    },
  },
  {
    invariant: 'VoteDurableBeforeReply',
    what: 'yes in a term that the vote on disk does not reach',
    happen(set) {
      set.add(set.secondary, [yes(set, set.third, 9)]);
      set.world.run(2_000);
    },
  },
  {
    invariant: 'KnownTermCovers',
    what: 'a known term below that of the last entry',
    happen(set) {
      const { world, secondary } = set;
      set.disguise(secondary, ({ lastEntry }) => ({ maxKnownTermId: lastEntry.term - 1 }));
      world.run(2_000);
    },
  },
  {
    invariant: 'KnownTermCovers',
    what: 'a known term below the voted one',
    happen(set) {
      const { world, secondary } = set;
      set.disguise(secondary, ({ maxVotedTermId }) => ({ maxKnownTermId: maxVotedTermId - 1 }));
      world.run(2_000);
    },
  },
  {
    invariant: 'VoteFreshness',
    what: 'yes to a candidate that is behind',
    happen(set) {
      set.add(set.secondary, [yes(set, set.third, 9)], isMessage);
      askForVote(set, initialGtid);
    },
  },
  {
    invariant: 'VoteFreshness',
    what: 'yes from a quiet state',
    happen(set) {
      const { world, secondary, third } = set;
      set.add(secondary, [yes(set, third, 9)], isMessage);
      set.disguise(secondary, { role: 'recovering' });
      askForVote(set, world.node(third).log!.gtid);
    },
  },
  {
    invariant: 'SpeculativePure',
    what: 'a voted term raised by a speculative request',
    happen(set) {
      const { secondary, third, world } = set;
      set.disguise(secondary, ({ maxVotedTermId }) => ({ maxVotedTermId: maxVotedTermId + 1 }));
      const request = { kind: 'speculativeVoteRequest', attempt: 'planted' } as const;
      const { lastEntry } = world.member(third);
      set.tell(secondary, set.send(third, secondary, { ...request, lastEntry }));
    },
  },
];

const isMessage = ({ kind }: { readonly kind: string }) => kind === 'message';

function yes(set: SabotagedSet, to: number, electionTermId: number) {
  return set.send(set.secondary, to, {
    kind: 'voteAnswer',
    attempt: 'planted',
    electionTermId,
    granted: true,
    lastEntry: set.world.member(set.secondary).lastEntry,
  });
}

/** The third member asks the secondary, as a candidate whose log ends there. */
function askForVote(set: SabotagedSet, lastEntry: { term: number; opid: number }): void {
  const { secondary, third } = set;
  const request = { kind: 'voteRequest', attempt: 'planted', electionTermId: 9 } as const;
  set.tell(secondary, set.send(third, secondary, { ...request, lastEntry, handoff: false }));
}
