import { describe, expect, it } from 'vitest';
import { failoverTrials, meanStability } from './measure/cells.ts';
import { lan, metro, wan } from './measure/networks.ts';
import { stability, troubles } from './measure/stability.ts';
import { summarize } from './measure/summary.ts';
import { asShipped } from './measure/variants.ts';

/*
 * How long a set is without a primary with default settings, on virtual time: the same figures on every machine.
 */

const cells = [lan, metro].flatMap((network) => [3, 5, 7].map((members) => ({ network, members })));

describe('after a crash of the primary', () => {
  it.each(cells)(
    '$members members ($network.title) acknowledge again within 1 s, 2.5 s at the 99th percentile',
    ({ network, members }) => {
      const all = failoverTrials({
        members,
        network,
        variant: asShipped,
        loss: 'crash',
        trials: 40,
      });
      const { p50, p99 } = summarize(all.map(({ millis }) => millis));

      expect(p50).toBeLessThanOrEqual(1_000);
      expect(p99).toBeLessThanOrEqual(2_500);
    },
  );

  it.each([3, 5, 7])(
    '%d members in three regions acknowledge again within 2.5 s at the 99th percentile',
    (members) => {
      const all = failoverTrials({
        members,
        network: wan,
        variant: asShipped,
        loss: 'crash',
        trials: 200,
      });

      expect(summarize(all.map(({ millis }) => millis)).p99).toBeLessThanOrEqual(2_500);
    },
  );
});

describe('after the primary has fallen silent', () => {
  it.each(cells)(
    '$members members ($network.title) acknowledge again within 2.8 s, 4 s at the 99th percentile',
    ({ network, members }) => {
      const all = failoverTrials({
        members,
        network,
        variant: asShipped,
        loss: 'silence',
        trials: 30,
      });
      const { p50, p99 } = summarize(all.map(({ millis }) => millis));

      expect(p50).toBeLessThanOrEqual(2_800);
      expect(p99).toBeLessThanOrEqual(4_000);
    },
  );
});

describe('a contested election', () => {
  it.each([lan, metro, wan])('takes one deciding round at the median ($title)', (network) => {
    const all = failoverTrials({
      members: 5,
      network,
      variant: asShipped,
      loss: 'crash',
      trials: 40,
    });
    const contested = all.filter(({ candidates }) => candidates > 1);

    expect(contested.length).toBeGreaterThan(20);
    expect(summarize(contested.map(({ rounds }) => rounds)).p50).toBe(1);
    expect(summarize(contested.map(({ terms }) => terms)).p50).toBe(1);
  });
});

describe('a healthy majority has no needless election', () => {
  const cases = troubles.flatMap((trouble) =>
    [3, 5, 7].filter((members) => trouble.fits(members)).map((members) => ({ trouble, members })),
  );

  it.each(cases)('$members members, $trouble.title', ({ trouble, members }) => {
    const options = { members, network: lan, variant: asShipped };
    const { elections, decidingRounds } = meanStability(options, trouble, {
      sets: 2,
      seconds: 180,
    });

    expect([elections, decidingRounds]).toEqual([0, 0]);
  });

  it('and one that loses its majority has one: the measure sees it', () => {
    const alone = {
      name: 'alone',
      title: 'the primary reaches nobody',
      fits: () => true,
      begin: (set, primary) => set.world.network.cut([primary], set.others(primary)),
    } satisfies (typeof troubles)[number];

    expect(stability({ members: 3, network: lan, seed: 1 }, alone, 60).elections).toBeGreaterThan(
      0,
    );
  });
});
