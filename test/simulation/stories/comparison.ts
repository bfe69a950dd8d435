import { predecessorProtocol } from '../protocols/predecessor-protocol.ts';
import { mongodb24, mongodb26, tokumx15 } from '../protocols/rules.ts';
import { arkProtocol } from '../world/index.ts';
import { stories } from './index.ts';
import type { Outcome } from './outcome.ts';
import { type Contender, contender, perform, type StoryScript } from './story.ts';

export const contenders: readonly Contender[] = [
  contender('mongodb24', 'MongoDB 2.4', predecessorProtocol(mongodb24), 'none'),
  contender('mongodb26', 'MongoDB 2.6', predecessorProtocol(mongodb26), 'none'),
  contender('tokumx15', 'TokuMX 1.5', predecessorProtocol(tokumx15), 'none'),
  contender('ark', 'Ark', arkProtocol(), 'all'),
];

/** A story under one protocol, over its seeds. */
export interface Result {
  readonly story: StoryScript;
  readonly contender: Contender;
  readonly outcomes: readonly Outcome[];
}

function compare(story: StoryScript, contender: Contender, seeds = story.seeds ?? 5): Result {
  const outcomes = Array.from(
    { length: seeds },
    (_, seed) => perform(story, contender, seed + 1).outcome,
  );
  return { story, contender, outcomes };
}

export function compareAll(chosen: readonly StoryScript[] = stories, seeds?: number): Result[] {
  return chosen.flatMap((story) => contenders.map((one) => compare(story, one, seeds)));
}

/** What happens, in a few words. Every story calls the write that is in danger A. */
export function summary({ story, outcomes }: Result): string {
  const toThePoint = outcomes.filter((outcome) => outcome.cameToThePoint);
  if (toThePoint.length === 0) return 'does not come to it';
  const of = `of ${toThePoint.length}`;
  switch (story.shows) {
    case 'losses': {
      const lost = count(toThePoint, ({ lost }) => lost.length > 0);
      if (lost > 0) return `**lost** in ${lost} ${of}`;
      const isAnswered = toThePoint.some(({ acknowledged }) =>
        acknowledged.some((name) => name.startsWith('A')),
      );
      return isAnswered ? 'kept' : 'not acknowledged';
    }
    case 'positionsGivenTwice': {
      const twice = count(toThePoint, ({ positionsGivenTwice }) => positionsGivenTwice > 0);
      return twice === 0 ? 'all different' : `**the same** in ${twice} ${of}`;
    }
    case 'outage':
      return `${range(
        toThePoint.map(({ longestOutage }) => longestOutage),
        seconds,
      )} s`;
    case 'twoPrimaries':
      return `${range(
        toThePoint.map(({ twoPrimaries }) => twoPrimaries),
        seconds,
      )} s`;
    case 'futileRounds':
      return range(
        toThePoint.map(({ futileRounds }) => futileRounds),
        String,
      );
  }
}

/** What the words of `summary` are about. */
export const subjects: Readonly<Record<StoryScript['shows'], string>> = {
  losses: 'acknowledged writes',
  outage: 'time without a primary, median (longest)',
  twoPrimaries: 'time with two primaries, median (longest)',
  futileRounds: 'deciding rounds that elect nobody, median (most)',
  positionsGivenTwice: 'positions of two different entries',
};

function count(outcomes: readonly Outcome[], claim: (outcome: Outcome) => boolean): number {
  return outcomes.filter(claim).length;
}

export function outage({ outcomes }: Result): string {
  return range(
    outcomes.map(({ longestOutage }) => longestOutage),
    seconds,
  );
}

export function twoPrimaries({ outcomes }: Result): string {
  return range(
    outcomes.map((outcome) => outcome.twoPrimaries),
    seconds,
  );
}

/** Median, and the largest if it is another. */
function range(values: readonly number[], shown: (value: number) => string): string {
  const sorted = values.toSorted((a, b) => a - b);
  const median = shown(sorted[Math.floor((sorted.length - 1) / 2)]!);
  const largest = shown(sorted.at(-1)!);
  return median === largest ? median : `${median} (${largest})`;
}

/** Short times only roughly: they move with every change of a timer. */
function seconds(value: number): string {
  const limit = [2, 5, 10, 20, 30].find((one) => value < one);
  return value === 0 || limit === undefined ? value.toFixed(0) : `<${limit}`;
}

/** For docs/algorithm.md. */
export function markdown(results: readonly Result[]): string {
  const names = contenders.map(({ title }) => title);
  const told = stories.filter(({ id }) => results.some(({ story }) => story.id === id));
  const rows = told.map((story) => {
    const cells = contenders.map(({ name }) =>
      summary(results.find((one) => one.story === story && one.contender.name === name)!),
    );
    return [`${story.id}. ${story.title}`, subjects[story.shows], ...cells];
  });
  return table(['story', 'about', ...names], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => row[i]!.length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
