import type { Input, WriteConcern } from '../../../src/ark/index.ts';
import type { Plant } from './plant.ts';
import type { SabotagedSet } from './sabotaged-set.ts';

const isAppended = ({ kind }: Input) => kind === 'appended';

export const commitmentPlants: readonly Plant[] = [
  {
    invariant: 'CommitPointMonotone',
    what: 'a commit point that falls',
    happen(set) {
      const { world, secondary } = set;
      set.add(secondary, [{ kind: 'commitPoint', gtid: { term: 1, opid: 0 } }]);
      world.run(2_000);
    },
  },
  {
    invariant: 'CommitPointIsCommitted',
    what: 'a commit point that is not in the log',
    happen(set) {
      const { world, secondary, term } = set;
      set.add(secondary, [{ kind: 'commitPoint', gtid: { term, opid: 99 } }]);
      world.run(2_000);
    },
  },
  {
    invariant: 'CommitPointIsCommitted',
    what: 'a secondary that takes for committed what the primary has not',
    happen(set) {
      commitAtOnce(set, set.secondary);
      set.world.write(set.primary);
      set.world.run(2_000);
    },
  },
  {
    invariant: 'CommitNeedsMajority',
    what: 'a primary that commits alone',
    happen(set) {
      commitAtOnce(set, set.primary);
      set.world.write(set.primary);
    },
  },
  {
    invariant: 'CommitNeedsMajority',
    what: 'a primary that commits by counting an entry of an older term',
    happen(set) {
      const { world, primary } = set;
      set.add(primary, [{ kind: 'commitPoint', gtid: { term: 1, opid: 0 } }]);
      world.run(2_000);
    },
  },
  {
    invariant: 'OneCommittedHistory',
    what: 'two branches committed',
    happen(set) {
      commitAtOnce(set, set.primary);
      set.partOff();
    },
  },
  {
    invariant: 'AcknowledgedIsHeld',
    what: 'a write answered as held by three, held by one',
    happen: (set) => acknowledgeAtOnce(set, { w: 3 }),
  },
  {
    invariant: 'AcknowledgedIsHeld',
    what: 'a write answered as held in two rooms, held in one',
    happen: (set) => acknowledgeAtOnce(set, { w: { room: 2 } }),
  },
  {
    invariant: 'BuildVotersHold',
    what: 'an entry said to be held by all, held by two of three',
    happen(set) {
      const { world, primary, secondary, third, sabotage } = set;
      world.network.cut([third], [primary, secondary]);
      sabotage.heldByBuildVoters = ({ role, lastEntry }) =>
        role.kind === 'primary' ? lastEntry : undefined;
      world.write(primary);
      world.run(100);
    },
  },
  {
    invariant: 'BuildVotersHold',
    what: 'a secondary that says so',
    happen(set) {
      set.sabotage.heldByBuildVoters = ({ commitPoint }) => commitPoint;
      set.disguise(set.primary, { role: 'secondary' });
      set.world.write(set.primary);
      set.world.run(100);
    },
  },
  {
    invariant: 'AcknowledgedIsCommitted',
    what: 'a majority write answered before it is committed',
    happen: (set) => acknowledgeAtOnce(set, { w: 'majority' }),
  },
  {
    invariant: 'AcknowledgedIsCommitted',
    what: 'a write answered by the commit of an entry of another term',
    happen(set) {
      const { world, primary, sabotage } = set;
      set.disguise(primary, { term: set.term + 1 });
      world.tick(primary);
      set.clients.write(primary, { w: 'majority' });
      world.run(500);
      sabotage.isAcknowledged = () => true;
      set.add(primary, [{ kind: 'progress' }]);
      world.run(2_000);
    },
  },
  {
    invariant: 'RealTimeOrder',
    what: 'a write that does not follow what was acknowledged before it began',
    happen(set) {
      set.clients.acknowledged = set.world.makeEntry({ term: 1, opid: 1 }, 'elsewhere', undefined);
      acknowledgeAtOnce(set, { w: 'majority' });
    },
  },
  {
    invariant: 'LinearizableRead',
    what: 'a read that misses what was acknowledged before it began',
    happen(set) {
      set.clients.acknowledged = set.world.makeEntry({ term: 1, opid: 1 }, 'elsewhere', undefined);
      set.clients.read(set.primary);
      set.world.run(2_000);
    },
  },
  {
    invariant: 'LinearizableRead',
    what: 'a read of what is not committed',
    happen(set) {
      const { world, primary, sabotage } = set;
      sabotage.step = (_member, input, effects) =>
        input.kind === 'confirmLead'
          ? [{ kind: 'reply', command: input.command, outcome: { ok: true } }]
          : effects;
      world.write(primary);
      set.clients.read(primary);
      world.run(5);
    },
  },
];

/** This member tells each new entry as its commit point. */
function commitAtOnce({ sabotage }: SabotagedSet, id: number): void {
  sabotage.step = (member, input, effects) =>
    member.self === id && isAppended(input)
      ? [...effects, { kind: 'commitPoint', gtid: member.lastEntry }]
      : effects;
}

function acknowledgeAtOnce({ sabotage, clients, primary }: SabotagedSet, concern: WriteConcern) {
  sabotage.isAcknowledged = () => true;
  clients.write(primary, concern);
}
