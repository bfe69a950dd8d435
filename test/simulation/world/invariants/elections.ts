import { contains, lastGtid } from '../log.ts';
import type { Invariant } from '../watcher.ts';

const electionSafety: Invariant = {
  name: 'ElectionSafety',
  about: 'loss',
  claim: 'At most one member ever becomes primary in a term (paper, section 4).',
  watch: ({ history }, broken) => {
    const primaryOf = new Map<number, number>();
    for (const { term, node } of history.tenures) primaryOf.set(term, node);
    return {
      onPrimary(node, term) {
        const other = primaryOf.get(term);
        if (other !== undefined) broken(`n${other} and n${node.id} are primary of term ${term}`);
        primaryOf.set(term, node.id);
      },
    };
  },
};

const leaderCompleteness: Invariant = {
  name: 'LeaderCompleteness',
  about: 'loss',
  claim: 'The log of a new primary has everything that primaries of lower terms ever commit.',
  watch: ({ history }, broken) => {
    const lacks = (term: number, node: number, entry: { gtid: { term: number; opid: number } }) =>
      broken(`n${node}, primary of term ${term}, lacks (${entry.gtid.term},${entry.gtid.opid})`);
    return {
      onPrimary(node, term) {
        for (const [committedIn, entry] of history.committedIn)
          if (committedIn < term && !contains(node.log, entry)) lacks(term, node.id, entry);
      },
      onCommitPoint(node, _gtid, entry) {
        const term = node.view?.role === 'primary' ? node.view.term : undefined;
        if (term === undefined || entry === undefined) return;
        if (term < history.highestTerm)
          for (const later of history.tenures)
            if (later.term > term && !contains(later.log, entry))
              lacks(later.term, later.node, entry);
      },
      onAcknowledged(_node, entry, term, concern) {
        if (concern.w !== 'majority' || term >= history.highestTerm) return;
        for (const later of history.tenures)
          if (later.term > term && !contains(later.log, entry))
            lacks(later.term, later.node, entry);
      },
    };
  },
};

const termAboveLog: Invariant = {
  name: 'TermAboveLog',
  about: 'mechanism',
  claim: 'A new primary has no entry of its term yet, and its own durable vote is for that term.',
  watch: (_world, broken) => ({
    onPrimary(node, term) {
      if (lastGtid(node.log).term >= term) broken(`n${node.id} has entries of term ${term}`);
      if (node.disk.vote?.term !== term) broken(`n${node.id} has no durable vote in term ${term}`);
    },
  }),
};

export const electionInvariants: readonly Invariant[] = [
  electionSafety,
  leaderCompleteness,
  termAboveLog,
];
