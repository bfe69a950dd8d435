import { initialGtid } from '../../../src/ark/index.ts';
import type { Plant } from './plant.ts';

export const logPlants: readonly Plant[] = [
  {
    invariant: 'LogOrdered',
    what: 'a position that does not rise',
    happen(set) {
      set.sabotage.nextGtid = (_member, last) => ({ ...last, term: last.term - 1 });
      set.world.write(set.primary);
    },
  },
  {
    invariant: 'GtidUnique',
    what: 'a position handed out twice',
    happen(set) {
      set.sabotage.nextGtid = (_member, last) => last;
      set.world.write(set.primary);
    },
  },
  {
    invariant: 'LogMatching',
    what: 'entries pulled onto another branch',
    happen(set) {
      set.partOff();
      set.sabotage.comparePull = () => 'follows';
      set.world.network.heal();
      set.world.run(5_000);
    },
  },
  {
    invariant: 'LeaderAppendOnly',
    what: 'a primary that writes in another term than its own',
    happen(set) {
      set.sabotage.nextGtid = ({ maxKnownTermId }) => ({ term: maxKnownTermId + 1, opid: 0 });
      set.world.write(set.primary);
    },
  },
  {
    invariant: 'LeaderAppendOnly',
    what: 'a primary that leaves a position out',
    happen(set) {
      set.sabotage.nextGtid = (_member, { term, opid }) => ({ term, opid: opid + 2 });
      set.world.write(set.primary);
    },
  },
  {
    invariant: 'LeaderAppendOnly',
    what: 'a primary that undoes',
    happen(set) {
      set.partOff();
      set.disguise(set.primary, { role: 'primary' });
      set.world.network.heal();
      set.world.run(5_000);
    },
  },
  {
    invariant: 'DurableWithinLog',
    what: 'a durable end beyond the log',
    happen(set) {
      const { world, secondary } = set;
      set.disguise(secondary, ({ lastEntry }) => ({
        lastDurable: { ...lastEntry, opid: lastEntry.opid + 1 },
      }));
      world.run(2_000);
    },
  },
  {
    invariant: 'DurableWithinLog',
    what: 'a durable end that the disk has not reached',
    happen({ world, secondary }) {
      const { disk } = world.node(secondary);
      disk.durable = disk.durable?.previous;
      world.run(2_000);
    },
  },
  {
    invariant: 'NoCommittedRollback',
    what: 'a committed entry undone',
    happen(set) {
      const { world, primary, term } = set;
      set.partOff();
      world.history.committed = world.node(primary).log;
      world.history.commit(world.node(primary).log!, term);
      world.network.heal();
      world.run(5_000);
    },
  },
  {
    invariant: 'RollbackOnlyForward',
    what: 'a rollback that no source has asked for',
    happen(set) {
      const { world, secondary } = set;
      set.disguise(secondary, { role: 'rollback' });
      world.run(2_000);
    },
  },
  {
    invariant: 'RollbackOnlyForward',
    what: 'a rollback towards less',
    happen(set) {
      const { world, primary, secondary } = set;
      set.disguise(secondary, { role: 'rollback' });
      world.feed(secondary, {
        kind: 'fetched',
        source: primary,
        outcome: 'diverged',
        sourceLastEntry: initialGtid,
        now: world.ownNow(world.node(secondary)),
      });
    },
  },
  {
    invariant: 'Fatal',
    what: 'a member that ends itself',
    happen(set) {
      const { world, secondary } = set;
      set.add(secondary, [{ kind: 'fatal', because: 'planted' }]);
      world.run(2_000);
    },
  },
];
