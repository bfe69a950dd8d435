import { describe, expect, it } from 'vitest';
import { usesOfRealTime } from './shell/real-time.ts';
import { runShellSeeds, storyOf, summaryOf } from './shell/run.ts';
import { simulateShell } from './shell/simulate.ts';

const seedsPerTest = 10;
const batches = Array.from({ length: 6 }, (_, index) => 1 + index * seedsPerTest);

describe('the whole shell on virtual time', () => {
  it.each(batches)(
    'loses nothing, shows nothing that is taken back, and converges: ten seeds from %i',
    { timeout: 120_000 },
    async (from) => {
      const lines: string[] = [];
      const failed = await runShellSeeds({
        from,
        count: seedsPerTest,
        onRun: (run, cpuMs) => lines.push(summaryOf(run, cpuMs)),
      });

      expect(failed?.failures, failed && [...lines, storyOf(failed)].join('\n')).toBeUndefined();
      expect(lines).toHaveLength(seedsPerTest);
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
