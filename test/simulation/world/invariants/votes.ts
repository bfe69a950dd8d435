import { compareGtids } from '../../../../src/ark/index.ts';
import type { Invariant } from '../watcher.ts';

const oneVotePerTerm: Invariant = {
  name: 'OneVotePerTerm',
  about: 'mechanism',
  claim: 'No data directory ever says yes to two candidates in one term, itself included.',
  watch: (_world, broken) => {
    const yesOf = new Map<string, number>();
    const note = (incarnation: string, term: number, candidate: number) => {
      const key = `${incarnation} ${term}`;
      const earlier = yesOf.get(key);
      if (earlier !== undefined && earlier !== candidate)
        broken(`${incarnation} says yes to n${earlier} and n${candidate} in term ${term}`);
      yesOf.set(key, candidate);
    };
    return {
      onSend(node, message) {
        if (message.kind === 'voteAnswer' && message.granted)
          note(node.disk.incarnation, message.electionTermId, message.to);
      },
      onPrimary(node, term) {
        note(node.disk.incarnation, term, node.id);
      },
    };
  },
};

const voteMonotone: Invariant = {
  name: 'VoteMonotone',
  about: 'mechanism',
  claim: 'maxVotedTermId never falls in a process, nor the persisted vote under an incarnation.',
  watch: (world, broken) => {
    const persisted: { incarnation: string; term: number }[] = [];
    return {
      onStart({ id, disk }) {
        const term = disk.vote?.term ?? 0;
        const before = persisted[id];
        if (before?.incarnation === disk.incarnation && term < before.term)
          broken(`the vote on the disk of n${id} fell from ${before.term} to ${term}`);
        persisted[id] = { incarnation: disk.incarnation, term };
      },
      onStep(node, _input, before, after, effects) {
        if (after.maxVotedTermId < before.maxVotedTermId)
          broken(`n${node.id}: ${before.maxVotedTermId} to ${after.maxVotedTermId}`);
        for (const effect of effects)
          if (
            effect.kind === 'persist' &&
            effect.vote !== undefined &&
            effect.vote.term < (world.node(node.id).disk.vote?.term ?? 0)
          )
            broken(`n${node.id} persists a vote in term ${effect.vote.term} after a higher one`);
      },
    };
  },
};

const voteDurableBeforeReply: Invariant = {
  name: 'VoteDurableBeforeReply',
  about: 'mechanism',
  claim: 'When a yes leaves, the vote on disk is of its term or a higher one.',
  watch: (_world, broken) => ({
    onSend(node, message) {
      if (message.kind !== 'voteAnswer' || !message.granted) return;
      if ((node.disk.vote?.term ?? 0) < message.electionTermId)
        broken(`n${node.id} says yes in term ${message.electionTermId}`);
    },
  }),
};

const knownTermCovers: Invariant = {
  name: 'KnownTermCovers',
  about: 'mechanism',
  claim: 'maxKnownTermId is at least the term of the last entry, and at least maxVotedTermId.',
  watch: (_world, broken) => ({
    onStep(node, _input, _before, after) {
      if (after.maxKnownTermId < after.lastEntry.term) broken(`n${node.id} below its log`);
      if (after.maxKnownTermId < after.maxVotedTermId) broken(`n${node.id} below its vote`);
    },
  }),
};

const voteFreshness: Invariant = {
  name: 'VoteFreshness',
  about: 'mechanism',
  claim:
    'A yes is for a candidate whose last entry is not behind the own, and not from a quiet state.',
  watch: (_world, broken) => ({
    onStep(node, input, before, after, effects) {
      if (input.kind !== 'message' || input.message.kind !== 'voteRequest') return;
      const { lastEntry } = input.message;
      for (const effect of effects) {
        if (effect.kind !== 'send' || effect.message.kind !== 'voteAnswer') continue;
        if (!effect.message.granted) continue;
        if (compareGtids(lastEntry, before.lastEntry) < 0)
          broken(`n${node.id} votes for n${input.message.from}, which is behind`);
        // Founding: members without data elect the first primary.
        const isFounding =
          lastEntry.term === 0 &&
          before.config?.members.every((one) => one.incarnation === undefined) === true;
        // A primary that hears of a higher term with the request has stepped down before it votes.
        const mayVote = ['secondary', 'candidate', 'arbiter'].includes(after.role);
        if (!mayVote && !isFounding) broken(`n${node.id} votes as ${after.role}`);
      }
    },
  }),
};

const speculativePure: Invariant = {
  name: 'SpeculativePure',
  about: 'mechanism',
  claim: 'Answering a speculative request changes no vote (paper, speculative election).',
  watch: (_world, broken) => ({
    onStep(node, input, before, after) {
      if (input.kind !== 'message' || input.message.kind !== 'speculativeVoteRequest') return;
      if (after.maxVotedTermId !== before.maxVotedTermId) broken(`n${node.id}`);
    },
  }),
};

export const voteInvariants: readonly Invariant[] = [
  oneVotePerTerm,
  voteMonotone,
  voteDurableBeforeReply,
  knownTermCovers,
  voteFreshness,
  speculativePure,
];
