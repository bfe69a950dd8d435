/** Four thousand random filters and writes; `npm run fuzz` tries as many as you like. */
import { expect, it } from 'vitest';
import { planOf, runPlan, runSeed, storyOf } from './campaign.ts';
import { shrink } from './shrink.ts';

const worlds = 10;

it('queries agree with and without indexes, updates with their deltas and their undo', async () => {
  for (let seed = 1; seed <= worlds; seed++) {
    const failure = await runSeed(seed);
    expect(failure && (await storyOf(failure))).toBeUndefined();
  }
}, 120_000);

it('a seed makes the same world each time', () => {
  expect(planOf(7)).toEqual(planOf(7));
  expect(planOf(7)).not.toEqual(planOf(8));
});

it('a fault is found', async () => {
  // No BSON has symbols of JavaScript: what is thrown is a fault, no error of a client's.
  const broken = { ...planOf(1), documents: [{ _id: 1, a: Symbol('no value') }, { _id: 2 }] };
  expect(await runPlan(broken)).toMatchObject({ rule: expect.stringContaining('no fault') });
});

it('what is made small is as small as can be', async () => {
  const failing = { list: [1, 2, 3, 4, 5, 6, 7], other: { deep: [{ a: 1 }] } };
  const small = await shrink(failing, async ({ list }) => list?.includes(5) === true);
  expect(small).toEqual({ list: [5] });
});
