import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { failoverTrials } from './measure/cells.ts';
import { lan } from './measure/networks.ts';
import {
  failoverRow,
  fullEffort,
  stabilityCell,
  trafficCell,
  trafficOf,
  variantCell,
} from './measure/report.ts';
import { troubles } from './measure/stability.ts';
import { asShipped } from './measure/variants.ts';

/*
 * The page takes minutes to make, so its tables are looked at in one cell each that takes a second: what changes elections at all
 * changes these. (Nothing is to be seen in the data centre's: it is about what is lost, and nothing ever is.)
 * `npm run measure -- --write` makes the page anew.
 */

const page = readFileSync(join(import.meta.dirname, '../../docs/elections.md'), 'utf8');
const { trials, seconds } = fullEffort;

/** The cells of a generated table, row by row, without its two lines of header. */
function tableOf(name: string): string[][] {
  const [, rest = ''] = page.split(`<!-- ${name}:begin -->`);
  const [table = ''] = rest.split(`<!-- ${name}:end -->`);
  const rows = table.trim().split('\n').slice(2);
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

describe('docs/elections.md says what `npm run measure` says now', () => {
  it('of failover, and of the shipped variant', { timeout: 120_000 }, () => {
    const members = 5;
    const all = failoverTrials({
      members,
      network: lan,
      variant: asShipped,
      loss: 'crash',
      trials,
    });
    expect(tableOf('failover')).toContainEqual(failoverRow('crash', lan, members, all));
    expect(tableOf('variants')[0]?.slice(0, 2)).toEqual([asShipped.name, variantCell(all)]);
  });

  it('of heartbeats', () => {
    expect(tableOf('traffic')[0]?.[1]).toBe(trafficCell(trafficOf(3, asShipped)));
  });

  it('of stability under trouble', { timeout: 120_000 }, () => {
    const [trouble] = troubles;
    const cell = trouble === undefined ? '' : stabilityCell(trouble, 3, asShipped, seconds);
    expect(tableOf('stability')[0]?.slice(0, 2)).toEqual([trouble?.title, cell]);
  });
});
