import { describe, expect, it } from 'vitest';
import { usesOfRealTime } from './shell/real-time.ts';
import { storyOf } from './shell/run.ts';
import { simulateShell } from './shell/simulate.ts';

describe('the whole shell on virtual time', () => {
  it.each(Array.from({ length: 12 }, (_, index) => index + 1))(
    'seed %i loses nothing, shows nothing that is taken back, and converges',
    async (seed) => {
      const run = await simulateShell(seed);

      expect(run.failures, storyOf(run)).toEqual([]);
    },
  );

  it('does the same again with the same seed', async () => {
    const [once, again] = [await simulateShell(5), await simulateShell(5)];

    expect(again.hash).toBe(once.hash);
    expect(again.story).toEqual(once.story);
  });

  it('asks nothing for real time or chance', async () => {
    expect(await usesOfRealTime(() => simulateShell(4))).toEqual([]);
  });
});
