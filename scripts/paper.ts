/*
 * `npm run paper`: the stories of the Ark papers under the protocols before Ark and under Ark, side by side.
 *
 *   npm run paper                                      the comparison
 *   npm run paper -- --story EX1                       one story as a trace, under each protocol
 *   npm run paper -- --story EX1 --protocol mongodb26 --seed 3
 *   npm run paper -- --write                           the table and the diagrams of docs/algorithm.md; --check says whether the
 *                                                      table is current
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import {
  compareAll,
  contenders,
  markdown,
  outage,
  type Result,
  subjects,
  summary,
  twoPrimaries,
} from '../test/simulation/stories/comparison.ts';
import { isCurrent, page, withTable } from '../test/simulation/stories/document.ts';
import { figures } from '../test/simulation/stories/figures.ts';
import { stories } from '../test/simulation/stories/index.ts';
import { perform, type StoryScript } from '../test/simulation/stories/story.ts';

const { values } = parseArgs({
  options: {
    story: { type: 'string' },
    protocol: { type: 'string' },
    seed: { type: 'string' },
    seeds: { type: 'string' },
    write: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
  },
});

function main(): void {
  if (values.story !== undefined) {
    tell(storyNamed(values.story));
    return;
  }
  const seeds = values.seeds === undefined ? undefined : Number(values.seeds);
  if (!values.write && !values.check) {
    print(compareAll(stories, seeds));
    return;
  }
  const text = readFileSync(page, 'utf8');
  const table = markdown(compareAll());
  if (values.write) {
    writeFileSync(page, withTable(text, table));
    for (const { file, svg } of figures()) writeFileSync(`docs/${file}`, svg);
  }
  if (values.check && !isCurrent(text, table)) {
    console.error(`${page} is not what the stories say: npm run paper -- --write`);
    process.exitCode = 1;
  }
}

function storyNamed(id: string): StoryScript {
  const story = stories.find((one) => one.id.toLowerCase() === id.toLowerCase());
  if (story !== undefined) return story;
  console.error(`no story ${id}; there are ${stories.map((one) => one.id).join(', ')}`);
  process.exit(1);
}

/** One story, event by event; of the seeds the first that comes to the point, if none is asked for. */
function tell(story: StoryScript): void {
  console.log(pc.bold(`${story.id}. ${story.title}`));
  console.log(`${story.about}\n${pc.dim(story.source)}`);
  const chosen = contenders.filter(({ name }) => name === (values.protocol ?? name));
  if (chosen.length === 0) {
    console.error(
      `no protocol ${values.protocol}; there are ${contenders.map((one) => one.name).join(', ')}`,
    );
    process.exit(1);
  }
  for (const one of chosen) {
    const seeds = values.seed === undefined ? [1, 2, 3, 4, 5] : [Number(values.seed)];
    const played = seeds.map((seed) => ({ seed, ...perform(story, one, seed) }));
    const shown = played.find(({ outcome }) => outcome.cameToThePoint) ?? played[0]!;
    console.log(`\n${pc.bold(pc.underline(one.title))}, seed ${shown.seed}`);
    console.log(shown.stage.trace.lines(pc).join('\n'));
    const { acknowledged, lost, longestOutage, isSettled } = shown.outcome;
    const loss =
      lost.length === 0 ? pc.green('nothing is lost') : pc.red(`lost: ${lost.join(', ')}`);
    console.log(
      `acknowledged: ${acknowledged.join(', ') || 'nothing'}; ${loss}; longest time without a primary ${longestOutage.toFixed(1)} s${isSettled ? '' : '; the set does not agree again'}`,
    );
  }
}

function print(results: readonly Result[]): void {
  for (const story of stories) {
    console.log(`\n${pc.bold(`${story.id}. ${story.title}`)} ${pc.dim(story.source)}`);
    console.log(pc.dim(`  ${story.about}`));
    console.log(pc.dim(`  ${subjects[story.shows]}:`));
    for (const result of results.filter((one) => one.story === story)) {
      const words = summary(result).replaceAll('**', '');
      const isBad = /lost|same/.test(words);
      const cells = [
        result.contender.title.padEnd(12),
        (isBad ? pc.red : pc.green)(words.padEnd(20)),
        pc.dim(`${result.outcomes.length} seeds`.padEnd(9)),
        `without a primary ${outage(result)} s`.padEnd(32),
        `two primaries ${twoPrimaries(result)} s`,
      ];
      console.log(`    ${cells.join(' ')}`);
    }
  }
}

main();
