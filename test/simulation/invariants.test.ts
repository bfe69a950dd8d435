import { describe, expect, it } from 'vitest';
import { acknowledgementPlants } from './planted/acknowledgement-plants.ts';
import { commitmentPlants } from './planted/commitment-plants.ts';
import { electionPlants } from './planted/election-plants.ts';
import { logPlants } from './planted/log-plants.ts';
import { SabotagedSet } from './planted/sabotaged-set.ts';
import { votePlants } from './planted/vote-plants.ts';
import { Draw } from './swarm/draw.ts';
import { healAndDemand } from './swarm/healing.ts';
import { planOf } from './swarm/run-plan.ts';
import { InvariantBroken } from './world/index.ts';
import { invariants } from './world/invariants/index.ts';

const plants = [
  ...electionPlants,
  ...votePlants,
  ...logPlants,
  ...acknowledgementPlants,
  ...commitmentPlants,
];

function brokenBy(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!(error instanceof InvariantBroken)) throw error;
    return error.invariant;
  }
}

describe('an invariant', () => {
  it.each(plants)('$invariant sees $what', ({ invariant: name, happen }) => {
    const invariant = invariants.find((one) => one.name === name)!;
    const set = new SabotagedSet(invariant);
    expect(brokenBy(() => happen(set))).toBe(name);
  });

  it.each(invariants)('$name is seen broken by one of these tests', ({ name }) => {
    expect(plants.map(({ invariant }) => invariant)).toContain(name);
  });

  it.each(invariants)('$name sees nothing in a set that nobody has touched', (invariant) => {
    const set = new SabotagedSet(invariant);
    set.partOff();
    set.world.network.heal();
    for (const w of ['majority', 3]) set.clients.write(set.world.awaitPrimary(), { w });
    set.world.runUntil(() => set.world.logsAreEqual());
    expect(set.world.history.undone).toBeGreaterThan(0);
  });
});

describe('what is demanded of a healed majority', () => {
  const healed = ({ world, clients }: SabotagedSet) =>
    healAndDemand(world, clients, planOf(1).setup, new Draw(1));

  it('is a primary: that nobody can win an election is seen', () => {
    const set = new SabotagedSet();
    set.sabotage.step = (_member, _input, effects) =>
      effects.filter(({ kind, ...effect }) => kind !== 'persist' || !('vote' in effect));
    set.world.crash(set.primary);
    expect(brokenBy(() => healed(set))).toBe('OneWriterEventually');
  });

  it('is convergence: that secondaries learn no commit point is seen', () => {
    const set = new SabotagedSet();
    set.sabotage.step = (member, _input, effects) =>
      effects.filter(({ kind }) => kind !== 'commitPoint' || member.role.kind === 'primary');
    expect(brokenBy(() => healed(set))).toBe('Convergence');
  });

  it('is what a set does that nobody has touched', () => {
    expect(healed(new SabotagedSet()).convergedMillis).toBeLessThan(100);
  });
});
