import { buildVoters, compareGtids, formatGtid, writeMajority } from '../../../../src/ark/index.ts';
import { contains, entryWithGtid, type LogEntry } from '../log.ts';
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

/** The node has the entry, or had: what is acknowledged is about the past. */
function hasHad<M>({ disk, log }: Node<M>, entry: LogEntry): boolean {
  return contains(log, entry) || disk.past.some((past) => contains(past, entry));
}

/** The same, durably. */
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

const acknowledgedIsHeld: Invariant = {
  name: 'AcknowledgedIsHeld',
  about: 'loss',
  claim:
    'Who was told that so many members, or such members, hold an entry was told the truth (I5, G8).',
  watch: (world, broken) => ({
    onAcknowledged(node, entry, _term, { w }) {
      const config = node.view?.config;
      if (config === undefined || w === 'majority') return;
      const holders = config.members.filter(
        (one) => !one.arbiterOnly && hasHad(world.node(one._id), entry),
      );
      const said = `n${node.id} answers ${formatGtid(entry.gtid)} with ${JSON.stringify(w)}, held by ${holders.length}`;
      if (typeof w === 'number' && holders.length < w) broken(said);
      const tags = typeof w === 'string' ? config.settings.getLastErrorModes[w] : w;
      if (typeof tags !== 'object') return;
      for (const [tag, count] of Object.entries(tags))
        if (new Set(holders.flatMap((one) => one.tags[tag] ?? [])).size < count) broken(said);
    },
  }),
};

const buildVotersHold: Invariant = {
  name: 'BuildVotersHold',
  about: 'mechanism',
  claim:
    'Where a primary says that all who vote on an index build hold an entry they have held it; nobody else says so.',
  watch: (world, broken) => ({
    onCommitPoint(node) {
      const { member, view, log } = node;
      if (member === undefined || view?.config === undefined) return;
      const position = world.protocol.heldByBuildVoters?.(member);
      if (position === undefined) return;
      const entry = entryWithGtid(log, position);
      const voters = buildVoters(view.config).map(({ _id }) => world.node(_id));
      const holders = voters.filter((one) => entry !== undefined && hasHeld(one, entry));
      if (view.role === 'primary' && holders.length === voters.length) return;
      broken(`n${node.id} ${formatGtid(position)} on ${holders.map(({ id }) => `n${id}`)}`);
    },
  }),
};

const acknowledgedIsCommitted: Invariant = {
  name: 'AcknowledgedIsCommitted',
  about: 'loss',
  claim:
    'A majority write is answered when it is committed, by an entry of the tenure it was written in (I5, G13).',
  watch: ({ history }, broken) => ({
    onAcknowledged(node, entry, term, { w }) {
      if (w !== 'majority') return;
      const said = `n${node.id} answers ${formatGtid(entry.gtid)}`;
      if (!contains(history.committed, entry)) broken(`${said}, which is not committed`);
      if (entry.gtid.term !== term) broken(`${said} in term ${term}`);
    },
  }),
};

const realTimeOrder: Invariant = {
  name: 'RealTimeOrder',
  about: 'loss',
  claim:
    'What was acknowledged by a majority before a write began is before it in the log (I10: linearizable).',
  watch: (_world, broken) => ({
    onAcknowledged(node, entry, _term, { w }, before) {
      if (w !== 'majority' || before === undefined) return;
      if (!contains(entry, before))
        broken(`n${node.id}: ${formatGtid(entry.gtid)} does not follow ${formatGtid(before.gtid)}`);
    },
  }),
};

const linearizableRead: Invariant = {
  name: 'LinearizableRead',
  about: 'loss',
  claim:
    'A linearizable read sees what a majority had acknowledged before it began, and only what is committed (I10, G11).',
  watch: ({ history }, broken) => ({
    onRead(node, log, before) {
      if (before !== undefined && !contains(log, before))
        broken(`n${node.id} misses ${formatGtid(before.gtid)}, acknowledged before`);
      if (log !== undefined && !contains(history.committed, log))
        broken(`n${node.id} shows ${formatGtid(log.gtid)}, which is not committed`);
    },
  }),
};

export const commitmentInvariants: readonly Invariant[] = [
  commitPointMonotone,
  commitPointIsCommitted,
  commitNeedsMajority,
  oneCommittedHistory,
  acknowledgedIsHeld,
  buildVotersHold,
  acknowledgedIsCommitted,
  realTimeOrder,
  linearizableRead,
];
