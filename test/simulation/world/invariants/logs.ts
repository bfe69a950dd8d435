import { compareGtids, formatGtid } from '../../../../src/ark/index.ts';
import { contains, type LogEntry, lastGtid } from '../log.ts';
import type { Invariant } from '../watcher.ts';

const logOrdered: Invariant = {
  name: 'LogOrdered',
  about: 'mechanism',
  claim: 'Positions strictly rise in every log.',
  watch: (_world, broken) => ({
    onAppend(node, entry) {
      const last = lastGtid(node.log);
      if (compareGtids(entry.gtid, last) <= 0)
        broken(`n${node.id}: ${formatGtid(entry.gtid)} after ${formatGtid(last)}`);
    },
  }),
};

const gtidUnique: Invariant = {
  name: 'GtidUnique',
  about: 'loss',
  claim: 'No position ever names two different entries, anywhere.',
  watch: (_world, broken) => {
    const entries = new Map<number, LogEntry>();
    return {
      onAppend(node, entry, source) {
        if (source !== undefined) return;
        const key = entry.gtid.term * 2 ** 26 + entry.gtid.opid;
        if (entries.has(key)) broken(`n${node.id} writes a second ${formatGtid(entry.gtid)}`);
        entries.set(key, entry);
      },
    };
  },
};

const logMatching: Invariant = {
  name: 'LogMatching',
  about: 'mechanism',
  claim:
    'Two logs with the same entry are the same before it: what is pulled continues the own log.',
  watch: (_world, broken) => ({
    onAppend(node, entry) {
      if (entry.previous !== node.log)
        broken(`n${node.id}: ${formatGtid(entry.gtid)} does not follow its last entry`);
    },
  }),
};

const leaderAppendOnly: Invariant = {
  name: 'LeaderAppendOnly',
  about: 'mechanism',
  claim: 'A primary only appends, and writes (own term, previous opid + 1) or (own term, 0).',
  watch: (_world, broken) => ({
    onAppend(node, { gtid }, source) {
      if (source !== undefined) return;
      const last = lastGtid(node.log);
      const { view } = node;
      if (view?.role !== 'primary' || gtid.term !== view.term)
        broken(`n${node.id} writes ${formatGtid(gtid)} and is no primary of that term`);
      const opid = last.term === gtid.term ? last.opid + 1 : 0;
      if (gtid.opid !== opid) broken(`n${node.id}: ${formatGtid(gtid)} after ${formatGtid(last)}`);
    },
    onUndo(node) {
      if (node.view?.role === 'primary') broken(`n${node.id} undoes as primary`);
    },
  }),
};

const durableWithinLog: Invariant = {
  name: 'DurableWithinLog',
  about: 'mechanism',
  claim: 'What a member takes for its durable end is in its log, and durable.',
  watch: (_world, broken) => ({
    onStep(node, _input, _before, after) {
      if (compareGtids(after.lastDurable, after.lastEntry) > 0) broken(`n${node.id}`);
      if (compareGtids(after.lastDurable, lastGtid(node.disk.durable)) > 0)
        broken(`n${node.id} takes ${formatGtid(after.lastDurable)} for durable`);
    },
  }),
};

const noCommittedRollback: Invariant = {
  name: 'NoCommittedRollback',
  about: 'loss',
  claim: 'No entry that is committed is ever undone.',
  watch: ({ history }, broken) => ({
    onUndo(node, entry) {
      if (contains(history.committed, entry))
        broken(`n${node.id} undoes ${formatGtid(entry.gtid)}`);
    },
  }),
};

const rollbackOnlyForward: Invariant = {
  name: 'RollbackOnlyForward',
  about: 'mechanism',
  claim:
    'A rollback is ordered only towards a source whose last entry was ahead when it was asked.',
  watch: (_world, broken) => ({
    onStep(node, input, before, after) {
      if (after.role !== 'rollback' || before.role === 'rollback') return;
      if (input.kind !== 'fetched' || input.sourceLastEntry === undefined)
        broken(`n${node.id} rolls back after ${input.kind}`);
      else if (compareGtids(input.sourceLastEntry, before.lastEntry) <= 0)
        broken(`n${node.id} at ${formatGtid(before.lastEntry)} rolls back towards less`);
    },
  }),
};

const noFatal: Invariant = {
  name: 'Fatal',
  about: 'mechanism',
  claim: 'No member ever has to end itself rather than break a promise.',
  watch: (_world, broken) => ({
    onFatal(node, because) {
      broken(`n${node.id}: ${because}`);
    },
  }),
};

export const logInvariants: readonly Invariant[] = [
  logOrdered,
  gtidUnique,
  logMatching,
  leaderAppendOnly,
  durableWithinLog,
  noCommittedRollback,
  rollbackOnlyForward,
  noFatal,
];
