import type { Plant } from './plant.ts';

export const electionPlants: readonly Plant[] = [
  {
    invariant: 'ElectionSafety',
    what: 'a second primary of the same term',
    happen(set) {
      const { world, secondary, term } = set;
      set.disguise(secondary, { role: 'primary', term });
      world.run(2_000);
    },
  },
  {
    invariant: 'LeaderCompleteness',
    what: 'a new primary without an entry that is committed',
    happen(set) {
      const { world, primary, secondary, term } = set;
      isolate(set);
      const gtid = world.write(primary)!;
      world.runUntil(() => world.isCommitted(gtid));
      set.disguise(secondary, { role: 'primary', term: term + 1 });
      world.run(2_000);
    },
  },
  {
    invariant: 'LeaderCompleteness',
    what: 'a deposed primary that commits what the next one has not',
    happen(set) {
      const { world, primary } = set;
      beginLaterTenure(set);
      world.write(primary);
      world.run(500);
    },
  },
  {
    invariant: 'LeaderCompleteness',
    what: 'a deposed primary that acknowledges what the next one has not',
    happen(set) {
      beginLaterTenure(set);
      set.sabotage.isAcknowledged = () => true;
      set.clients.write(set.primary, { w: 'majority' });
    },
  },
  {
    invariant: 'TermAboveLog',
    what: 'a new primary with entries of its term',
    happen(set) {
      const { world, secondary, term } = set;
      set.disguise(secondary, { role: 'primary', term });
      world.run(2_000);
    },
  },
  {
    invariant: 'TermAboveLog',
    what: 'a new primary whose own vote is not durable',
    happen(set) {
      const { world, secondary, term } = set;
      set.disguise(secondary, { role: 'primary', term: term + 1 });
      world.run(2_000);
    },
  },
];

/** The secondary gets nothing any more, and is not missed. */
function isolate({ world, primary, secondary, third }: Parameters<Plant['happen']>[0]): void {
  world.network.cut([secondary], [primary, third]);
  world.run(10);
}

/** As far as the history knows the secondary is primary of a later term; nobody else has noticed. */
function beginLaterTenure(set: Parameters<Plant['happen']>[0]): void {
  isolate(set);
  set.disguise(set.secondary, { role: 'primary', term: set.term + 1 });
  set.world.tick(set.secondary);
}
