/**
 * What the paper leaves open, by measurement on virtual time: `npm run measure`. Prints the tables; `--write` puts them
 * into docs/elections.md and draws docs/plots. `--quick` runs a tenth of the trials. The same seeds give the same figures.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { failoverAfterCrash } from '../test/simulation/measure/failover.ts';
import { svgOf } from '../test/simulation/measure/plot.ts';
import {
  type FailoverCell,
  failoverChart,
  failoverTable,
} from '../test/simulation/measure/report.ts';

const { values: options } = parseArgs({
  options: { write: { type: 'boolean' }, quick: { type: 'boolean' } },
});
const trials = options.quick === true ? 20 : 200;

const cells: FailoverCell[] = [3, 5].map((members) => {
  process.stderr.write(`failover, ${members} members\n`);
  const seeds = Array.from({ length: trials }, (_, index) => index + 1);
  return { members, trials: seeds.map((seed) => failoverAfterCrash(members, seed)) };
});

const table = failoverTable(cells);
process.stdout.write(`${table}\n`);
if (options.write === true) {
  const page = new URL('../docs/elections.md', import.meta.url);
  const text = readFileSync(page, 'utf8');
  const [begin, end] = ['<!-- failover:begin -->', '<!-- failover:end -->'];
  const [before, after] = [text.split(begin)[0], text.split(end)[1]];
  if (before === undefined || after === undefined) throw new Error('docs/elections.md lacks marks');
  writeFileSync(page, `${before}${begin}\n\n${table}\n\n${end}${after}`);
  const plot = new URL('../docs/plots/failover.svg', import.meta.url);
  writeFileSync(plot, svgOf(failoverChart(cells)));
}
