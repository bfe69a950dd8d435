import type { Gtid, PositionFact } from '../../../src/ark/index.ts';
import type { Plant } from './plant.ts';
import type { SabotagedSet } from './sabotaged-set.ts';

export const acknowledgementPlants: readonly Plant[] = [
  {
    invariant: 'AckGate',
    what: 'a position of a lower term than the voted one',
    happen(set) {
      acknowledges(set, { term: set.term - 1, opid: 0 });
    },
  },
  {
    invariant: 'AckGate',
    what: 'an acknowledgement from a quiet state',
    happen(set) {
      const acknowledged = factOf(set, set.secondary, { term: set.term, opid: 0 });
      set.disguise(set.secondary, { acknowledged, role: 'rollback' });
      set.world.run(2_000);
    },
  },
  {
    invariant: 'AckDurable',
    what: 'a position that is not durable',
    happen(set) {
      acknowledges(set, { term: set.term, opid: 99 });
    },
  },
  {
    invariant: 'FactsTrue',
    what: 'an acknowledgement for somebody else',
    happen(set) {
      const acknowledged = factOf(set, set.third, { term: set.term, opid: 0 });
      set.disguise(set.secondary, { acknowledged });
      set.world.run(2_000);
    },
  },
  {
    invariant: 'FactsTrue',
    what: 'a position that the member does not have',
    happen(set) {
      acknowledges(set, { term: set.term, opid: 99 });
    },
  },
  {
    invariant: 'FactsTrue',
    what: 'a report of a position that nobody acknowledged',
    happen(set) {
      const { primary, secondary, third } = set;
      const positions = [factOf(set, third, { term: set.term, opid: 99 })];
      set.add(secondary, [set.send(secondary, primary, { kind: 'positionReport', positions })]);
      set.world.run(2_000);
    },
  },
  {
    invariant: 'FactsTrue',
    what: 'a heartbeat with a position that the member did not acknowledge',
    happen(set) {
      const { world, primary, secondary } = set;
      const acknowledged = factOf(set, secondary, { term: set.term, opid: 99 });
      const { status } = world.member(primary).peers[secondary]!;
      const heartbeat = { kind: 'heartbeatRequest', sequence: 99 } as const;
      const told = { ...heartbeat, status: { ...status!, acknowledged } };
      set.add(secondary, [set.send(secondary, primary, told)]);
      world.run(2_000);
    },
  },
];

function acknowledges(set: SabotagedSet, position: Gtid): void {
  set.disguise(set.secondary, { acknowledged: factOf(set, set.secondary, position) });
  set.world.run(2_000);
}

function factOf({ world }: SabotagedSet, member: number, position: Gtid): PositionFact {
  const { incarnation, rollbackId } = world.member(member);
  return { member, incarnation, rollbackId, position };
}
