import type { Failover } from './failover.ts';
import { type Chart, distribution } from './plot.ts';
import { summarize } from './summary.ts';

export interface FailoverCell {
  readonly members: number;
  readonly trials: readonly Failover[];
}

export function failoverTable(cells: readonly FailoverCell[]): string {
  const rows = cells.map(({ members, trials }) => {
    const { p50, p99, max } = summarize(trials.map(({ millis }) => millis));
    const rounds = summarize(trials.map((trial) => trial.rounds));
    return `| ${members} | ${trials.length} | ${millisText(p50)} | ${millisText(p99)} | ${millisText(max)} | ${rounds.p50} | ${rounds.max} |`;
  });
  return [
    '| members | trials | p50, ms | p99, ms | max, ms | rounds p50 | rounds max |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

export function failoverChart(cells: readonly FailoverCell[]): Chart {
  return {
    title: 'From the crash of the primary to the next acknowledged write',
    x: {
      label: 'time, ms',
      scale: 'linear',
      from: 0,
      to: 40,
      ticks: [0, 10, 20, 30, 40],
    },
    y: {
      label: 'trials done by then, %',
      scale: 'linear',
      from: 0,
      to: 100,
      ticks: [0, 25, 50, 75, 100],
    },
    series: cells.map(({ members, trials }) =>
      distribution(
        `${members} members, LAN`,
        trials.map(({ millis }) => millis),
      ),
    ),
  };
}

function millisText(millis: number): string {
  return millis.toFixed(millis < 100 ? 1 : 0);
}
