import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { compareAll, contenders, markdown, type Result } from './stories/comparison.ts';
import { isCurrent, page } from './stories/document.ts';
import { stories } from './stories/index.ts';
import type { Outcome } from './stories/outcome.ts';
import { contender, perform, type StoryScript } from './stories/story.ts';
import { arkProtocol } from './world/index.ts';

/*
 * The stories of the Ark papers, each one script that runs unchanged under the protocols before Ark and under Ark. What the papers say is
 * lost is lost there, what they say is repaired is repaired, and under Ark nothing is lost. `npm run paper` shows it.
 */

const predecessors = ['mongodb24', 'mongodb26', 'tokumx15'];
const names = contenders.map(({ name }) => name);

let results: Result[] = [];

function outcomesOf(id: string, protocol: string): readonly Outcome[] {
  const found = results.find(
    ({ story, contender }) => story.id === id && contender.name === protocol,
  );
  if (found === undefined) throw new Error(`${id} was not played under ${protocol}`);
  return found.outcomes;
}

function losses(id: string, protocol: string): number {
  return outcomesOf(id, protocol).filter(({ lost }) => lost.length > 0).length;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

beforeAll(() => {
  results = compareAll();
}, 600_000);

describe('every story', () => {
  it.each(stories.map(({ id }) => id))('%s comes to its point under every protocol', (id) => {
    for (const name of names)
      expect(
        outcomesOf(id, name).some((outcome) => outcome.cameToThePoint),
        name,
      ).toBe(true);
  });

  it.each(stories.map(({ id }) => id))('%s costs nothing acknowledged under Ark', (id) => {
    for (const outcome of outcomesOf(id, 'ark')) {
      expect(outcome.lost).toEqual([]);
      expect(outcome.positionsGivenTwice).toBe(0);
      expect(outcome.isSettled).toBe(true);
    }
  });
});

describe('Example 1', () => {
  it('loses the write of the new primary under MongoDB 2.4, which keeps the wrong one', () => {
    expect(losses('EX1', 'mongodb24')).toBe(outcomesOf('EX1', 'mongodb24').length);
  });

  it('is repaired by MongoDB 2.6, but not where the clocks disagree and the old primary wrote nothing', () => {
    expect(losses('EX1', 'mongodb26')).toBe(0);
    expect(losses('S-9765', 'mongodb26')).toBeGreaterThan(0);
  });

  it('is repaired by the GTIDs of TokuMX 1.5, whatever the clocks say', () => {
    expect(losses('EX1', 'tokumx15')).toBe(0);
    expect(losses('S-9765', 'tokumx15')).toBe(0);
  });
});

describe('Example 2', () => {
  it.each(['mongodb24', 'mongodb26'])('%s can lose one of two acknowledged writes', (name) => {
    expect(losses('EX2', name)).toBeGreaterThan(0);
    // Both were acknowledged: the majorities share a member that took its word back.
    const both = outcomesOf('EX2', name).filter(
      ({ lost, acknowledged }) => lost.length > 0 && acknowledged.length === 2,
    );
    expect(both.length).toBeGreaterThan(0);
  });

  it('is repaired by GTIDs: nobody rolls back to a member that is behind', () => {
    expect(losses('EX2', 'tokumx15')).toBe(0);
  });
});

describe('Example 3', () => {
  it.each(['mongodb26', 'tokumx15'])('%s loses the write: GTIDs do not help', (name) => {
    expect(losses('EX3', name)).toBe(outcomesOf('EX3', name).length);
  });

  it('gets no acknowledgement under Ark', () => {
    for (const { acknowledged } of outcomesOf('EX3', 'ark'))
      expect(acknowledged).not.toContain('A');
  });
});

describe('a vote that does not look at the log, an old entry on a majority, a power cut', () => {
  it.each(['EX5', 'FIG8', 'CR3'])(
    '%s loses acknowledged writes under all protocols before Ark',
    (id) => {
      for (const name of predecessors) expect(losses(id, name), name).toBeGreaterThan(0);
    },
  );
});

describe('positions', () => {
  it.each(['CR1', 'CR2'])('%s: TokuMX 1.5 gives one position to two entries', (id) => {
    for (const outcome of outcomesOf(id, 'tokumx15'))
      expect(outcome.positionsGivenTwice).toBeGreaterThan(0);
  });
});

describe('availability', () => {
  it.each(['S-14382', 'S-8084'])(
    '%s costs half a minute before Ark, and seconds under it',
    (id) => {
      for (const name of predecessors)
        expect(median(outcomesOf(id, name).map((one) => one.longestOutage)), name).toBeGreaterThan(
          25,
        );
      for (const { longestOutage } of outcomesOf(id, 'ark')) expect(longestOutage).toBeLessThan(3);
    },
  );

  it('before Ark two primaries that do not see each other remain for as long as that lasts', () => {
    for (const name of predecessors)
      for (const { twoPrimaries } of outcomesOf('S-9848', name))
        expect(twoPrimaries).toBeGreaterThan(55);
    for (const { twoPrimaries } of outcomesOf('S-9848', 'ark'))
      expect(twoPrimaries).toBeLessThan(3);
  });

  it('Ark holds no deciding round that a majority has not promised to answer', () => {
    for (const name of predecessors)
      expect(
        Math.max(...outcomesOf('S-14531', name).map((one) => one.futileRounds)),
      ).toBeGreaterThan(0);
    for (const { futileRounds } of outcomesOf('S-14531', 'ark')) expect(futileRounds).toBe(0);
  });

  it('a failing network keeps the old protocols without a primary for minutes', () => {
    for (const name of predecessors)
      expect(Math.max(...outcomesOf('SLOW', name).map((one) => one.longestOutage))).toBeGreaterThan(
        120,
      );
    for (const { longestOutage } of outcomesOf('SLOW', 'ark'))
      expect(longestOutage).toBeLessThan(25);
  });

  it('an election that fails costs Ark a second: the primary moves to a new term', () => {
    for (const { longestOutage, acknowledged } of outcomesOf('EX4', 'ark')) {
      expect(longestOutage).toBeLessThan(3);
      expect(acknowledged).toContain('A');
    }
  });
});

describe('the stories themselves', () => {
  const storyNamed = (id: string): StoryScript => stories.find((one) => one.id === id)!;

  it('see a loss under Ark too, once its rules are off', () => {
    const protocol = arkProtocol(['acknowledgeDurableOnly']);
    const unsafe = contender('unsafe', 'Ark without a rule', protocol, 'none');
    const { outcome } = perform(storyNamed('CR3'), unsafe, 1);
    expect(outcome.lost.length).toBeGreaterThan(0);
  });

  it('are the same each time', () => {
    const trace = () =>
      perform(storyNamed('EX2'), contenders[1]!, 3).stage.trace.lines().join('\n');
    expect(trace()).toBe(trace());
  });

  it('read as a trace of who did what and what everybody then has', () => {
    const lines = perform(storyNamed('EX3'), contenders[1]!, 1).stage.trace.lines();
    const has = (pattern: RegExp) => lines.some((line) => pattern.test(line));
    expect(has(/n3 says yes to n2/)).toBe(true);
    expect(has(/n0 tells the client: a majority holds A .*PRIMARY .*A.* \| · A/)).toBe(true);
    expect(has(/n4 rolls A back/)).toBe(true);
  });

  it('are told in the documentation as they are played', () => {
    const text = readFileSync(page, 'utf8');
    expect(isCurrent(text, markdown(results)), 'npm run paper -- --write').toBe(true);
  });
});
