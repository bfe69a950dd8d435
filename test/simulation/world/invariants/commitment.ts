import { compareGtids, formatGtid, writeMajority } from '../../../../src/ark/index.ts';
import { contains, type LogEntry } from '../log.ts';
import type { Node } from '../node.ts';
import type { Invariant } from '../watcher.ts';

const commitPointMonotone: Invariant = {
  name: 'CommitPointMonotone',
  about: 'mechanism',
  claim: 'The commit point of a process never falls (I8).',
  watch: (_world, broken) => ({
    onCommitPoint(node, gtid) {
      if (compareGtids(gtid, node.commitPoint) < 0)
        broken(`n${node.id}: ${formatGtid(node.commitPoint)} to ${formatGtid(gtid)}`);
    },
  }),
};

const commitPointIsCommitted: Invariant = {
  name: 'CommitPointIsCommitted',
  about: 'loss',
  claim: 'A majority read, at the commit point of any member, sees what a primary has committed.',
  watch: ({ history }, broken) => ({
    onCommitPoint(node, gtid, entry) {
      if (entry === undefined) broken(`n${node.id} has no ${formatGtid(gtid)}`);
      else if (node.view?.role !== 'primary' && !contains(history.committed, entry))
        broken(`n${node.id} takes ${formatGtid(gtid)} for committed`);
    },
  }),
};

/** The node holds the entry durably, or did: what is acknowledged is about the past. */
function hasHeld<M>({ disk }: Node<M>, entry: LogEntry): boolean {
  return contains(disk.durable, entry) || disk.past.some((log) => contains(log, entry));
}

const commitNeedsMajority: Invariant = {
  name: 'CommitNeedsMajority',
  about: 'mechanism',
  claim: 'A primary commits an entry of its own term that a majority has held durably (I3).',
  watch: (world, broken) => ({
    onCommitPoint(node, gtid, entry) {
      const { view } = node;
      if (view?.role !== 'primary' || view.config === undefined || entry === undefined) return;
      if (gtid.term !== view.term) broken(`n${node.id} commits ${formatGtid(gtid)} by counting`);
      const voters = view.config.members.filter((one) => one.votes === 1 && !one.arbiterOnly);
      const holders = voters.filter(({ _id }) => hasHeld(world.node(_id), entry));
      if (holders.length < writeMajority(view.config))
        broken(`n${node.id} ${formatGtid(gtid)} on ${holders.map(({ _id }) => `n${_id}`)}`);
    },
  }),
};

const oneCommittedHistory: Invariant = {
  name: 'OneCommittedHistory',
  about: 'loss',
  claim:
    'Whatever primaries commit is one history: of two committed entries one follows the other.',
  watch: ({ history }, broken) => ({
    onCommitPoint(node, gtid, entry) {
      if (node.view?.role !== 'primary' || entry === undefined) return;
      const { committed } = history;
      if (committed === undefined || contains(entry, committed) || contains(committed, entry))
        return;
      broken(`n${node.id} commits ${formatGtid(gtid)} beside ${formatGtid(committed.gtid)}`);
    },
  }),
};

export const commitmentInvariants: readonly Invariant[] = [
  commitPointMonotone,
  commitPointIsCommitted,
  commitNeedsMajority,
  oneCommittedHistory,
];
