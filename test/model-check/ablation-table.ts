import { type Ablation, ablations, runAblation } from './ablations.ts';
import { type Bounds, boundsOf } from './bounds.ts';
import type { SearchReport } from './search.ts';

/** CPU seconds after which an ablation is given up. */
const maxSeconds = 60;
export const tableBegin = '<!-- ablation:begin -->';
export const tableEnd = '<!-- ablation:end -->';

const header = [
  'without',
  'lost',
  'how, or what prevents it',
  'within',
  'steps',
  'states',
  'CPU seconds',
];

/** The whole table in Markdown, the rows as they come also to `onRow`. Takes some minutes. */
export function ablationTable(onRow: (row: readonly string[], isAsSaid: boolean) => void): string {
  const rows = ablations.map((ablation) => {
    const report = runAblation(ablation, maxSeconds);
    const row = rowOf(ablation, report);
    onRow(row, report.violation === ablation.loses);
    return row;
  });
  return aligned([header, ...rows]);
}

function rowOf(ablation: Ablation, report: SearchReport): string[] {
  const { off, because } = ablation;
  const { violation, depth, states, cpuSeconds, isComplete } = report;
  return [
    off.map((rule) => `\`${rule}\``).join(' and '),
    violation ?? (isComplete ? 'nothing' : 'nothing found'),
    because,
    boundsText(boundsOf(ablation.bounds)),
    violation === undefined ? '' : `${depth}`,
    states.toLocaleString('en'),
    cpuSeconds.toFixed(1),
  ];
}

/** `3/2/1 powerLosses 1 lateFlushes`: members, terms, entries, and what may happen besides; `2+1a` with an arbiter, `2+1` with one without a vote. */
export function boundsText(bounds: Bounds): string {
  const { members, arbiters, nonVoters, terms, entries, faults, also } = bounds;
  const voters = `${members}${arbiters > 0 ? `+${arbiters}a` : ''}${nonVoters > 0 ? `+${nonVoters}` : ''}`;
  const some = Object.entries(faults).filter(([, count]) => count > 0);
  const more = Object.entries(also).filter(([, isOn]) => isOn);
  return [
    `${voters}/${terms}/${entries}`,
    ...some.map(([fault, count]) => `${fault} ${count}`),
    ...more.map(([name]) => name),
  ].join(' ');
}

/** The page with this table between its marks. */
export function withTable(page: string, table: string): string {
  const begin = page.indexOf(tableBegin);
  const end = page.indexOf(tableEnd);
  if (begin === -1 || end < begin) throw new Error('the page has no place for the table');
  return `${page.slice(0, begin + tableBegin.length)}\n\n${table}\n\n${page.slice(end)}`;
}

/** With columns of equal width, as the formatter wants them. The first row is the header. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = header.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at]!)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  const [first, ...rest] = rows;
  return [first!, rule, ...rest].map(line).join('\n');
}
