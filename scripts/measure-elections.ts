/**
 * What the paper leaves open, by measurement on virtual time: `npm run measure`. Prints the tables; `--write` puts them
 * into docs/elections.md and draws docs/plots; `--quick` runs a tenth of the trials; `--only NAME` runs one section. The same
 * seeds give the same figures.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { svgOf } from '../test/simulation/measure/plot.ts';
import {
  dataCentreSection,
  type Effort,
  failoverSection,
  fullEffort,
  type Section,
  stabilitySection,
  trafficSection,
  variantSection,
} from '../test/simulation/measure/report.ts';

const { values: options } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
  },
});

const effort: Effort = {
  trials: options.quick ? 20 : fullEffort.trials,
  seconds: options.quick ? 60 : fullEffort.seconds,
  progress: (what) => process.stderr.write(`${what}\n`),
};

const sections: Readonly<Record<string, (effort: Effort) => Section>> = {
  failover: failoverSection,
  variants: variantSection,
  traffic: trafficSection,
  stability: stabilitySection,
  'data-centre': dataCentreSection,
};
if (options.only !== undefined && sections[options.only] === undefined)
  throw new Error(`no section ${options.only}: there are ${Object.keys(sections).join(', ')}`);

for (const [name, measure] of Object.entries(sections)) {
  if (options.only !== undefined && options.only !== name) continue;
  const section = measure(effort);
  process.stdout.write(`${name}\n\n${section.table}\n\n`);
  if (options.write) write(section);
}

function write({ name, table, charts }: Section): void {
  const page = new URL('../docs/elections.md', import.meta.url);
  const text = readFileSync(page, 'utf8');
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`docs/elections.md lacks the marks of ${name}`);
  writeFileSync(page, `${text.slice(0, from)}${begin}\n\n${table}\n\n${text.slice(to)}`);
  for (const [file, chart] of Object.entries(charts))
    writeFileSync(new URL(`../docs/plots/${file}.svg`, import.meta.url), svgOf(chart));
}
