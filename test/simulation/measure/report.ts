import { failoverTrials, meanStability, outcomes } from './cells.ts';
import { type DataCentreLoss, inAnotherDataCentre } from './data-centre-loss.ts';
import type { Failover, Loss } from './failover.ts';
import { far, lan, metro, type Network, wan } from './networks.ts';
import { type Chart, distribution, type Series } from './plot.ts';
import { type Trouble, troubles } from './stability.ts';
import { summarize } from './summary.ts';
import { steadyTraffic, type Traffic } from './traffic.ts';
import { asShipped, comparedVariants, heartbeatVariants, type Variant } from './variants.ts';

/** One generated part of docs/elections.md, between the marks of its name, and the plots it comes with. */
export interface Section {
  readonly name: string;
  readonly table: string;
  /** By file name, without ending. */
  readonly charts: Readonly<Record<string, Chart>>;
}

export interface Effort {
  /** Failovers per cell; of large sets fewer. */
  readonly trials: number;
  /** Virtual seconds per set under trouble. */
  readonly seconds: number;
  progress(what: string): void;
}

/** Of the figures on the page. */
export const fullEffort = { trials: 200, seconds: 300 } as const;

const sizes = [3, 5, 7, 15, 50];
const losses: readonly Loss[] = ['crash', 'silence'];

export function failoverSection({ trials, progress }: Effort): Section {
  const rows: string[][] = [];
  const curves: Series[] = [];
  for (const loss of losses)
    for (const network of [lan, metro, wan])
      for (const members of sizes) {
        // A set of 50 says ten thousand heartbeats a second: fewer trials, and only where distance matters.
        if (members > 7 && network === metro) continue;
        if (members > 15 && network === lan) continue;
        const share = members <= 7 ? 1 : members === 15 ? 0.2 : 0.05;
        progress(`failover after ${loss}, ${members} members, ${network.title}`);
        const all = failoverTrials({
          members,
          network,
          variant: asShipped,
          loss,
          trials: Math.max(10, trials * share),
        });
        rows.push(failoverRow(loss, network, members, all));
        if (members === 5)
          curves.push(
            distribution(
              `${loss}, ${network.title}`,
              all.map(({ millis }) => millis),
            ),
          );
      }
  return {
    name: 'failover',
    table: table(
      [
        'loss',
        'network',
        'members',
        'trials',
        'p50, ms',
        'p99, ms',
        'max, ms',
        'deciding rounds p50 / p99 / max',
        'election messages p50',
      ],
      rows,
    ),
    charts: {
      failover: {
        title: 'Five members: from the loss to the next acknowledged write',
        x: logAxis('time, ms', [10, 30, 100, 300, 1_000, 3_000, 10_000]),
        y: percentAxis,
        series: curves,
      },
    },
  };
}

export function failoverRow(
  loss: Loss,
  network: Network,
  members: number,
  all: readonly Failover[],
): string[] {
  return [loss, network.title, `${members}`, `${all.length}`, ...figures(all)];
}

/** p50 / p99 of the time, and the mean number of deciding rounds. */
export function variantCell(all: readonly Failover[]): string {
  const { p50, p99 } = summarize(all.map(({ millis }) => millis));
  const rounds = all.reduce((sum, trial) => sum + trial.rounds, 0) / all.length;
  return `${millisText(p50)} / ${millisText(p99)} (${rounds.toFixed(2)})`;
}

export function variantSection({ trials, progress }: Effort): Section {
  const cases: readonly (readonly [Network, Loss])[] = [
    [lan, 'crash'],
    [wan, 'crash'],
    [wan, 'silence'],
    [far, 'crash'],
  ];
  const curves: Series[] = [];
  const rows = comparedVariants.map((variant) => {
    const cells = cases.map(([network, loss]) => {
      progress(`${variant.name}, ${loss}, ${network.title}`);
      const all = failoverTrials({ members: 5, network, variant, loss, trials });
      const millis = all.map((trial) => trial.millis);
      if (network === lan && loss === 'crash' && curves.length < 6)
        curves.push(distribution(variant.name, millis));
      return variantCell(all);
    });
    return [variant.name, ...cells];
  });
  return {
    name: 'variants',
    table: table(['variant', ...cases.map(([network, loss]) => `${loss}, ${network.title}`)], rows),
    charts: {
      variants: {
        title: 'Five members on a local network: failover after a crash',
        x: logAxis('time, ms', [10, 100, 1_000, 10_000, 100_000]),
        y: percentAxis,
        series: curves,
      },
    },
  };
}

export function trafficOf(members: number, variant: Variant): Traffic {
  const seconds = members > 15 ? 10 : 60;
  return steadyTraffic({ members, network: wan, variant, seed: 1 }, seconds);
}

export function trafficCell({ heartbeats, heartbeatsBetweenRegions }: Traffic): string {
  return `${heartbeats.toFixed(0)} (${heartbeatsBetweenRegions.toFixed(0)})`;
}

export function trafficSection({ progress }: Effort): Section {
  const measured = heartbeatVariants.map((variant) => ({
    variant,
    cells: sizes.map((members) => {
      progress(`traffic, ${variant.name}, ${members} members`);
      return trafficOf(members, variant);
    }),
  }));
  return {
    name: 'traffic',
    table: table(
      ['heartbeats', ...sizes.map((members) => `${members} members`)],
      measured.map(({ variant, cells }) => [variant.name, ...cells.map(trafficCell)]),
    ),
    charts: {
      traffic: {
        title: 'Heartbeat messages of a set, answers included',
        x: logAxis('members', sizes),
        y: logAxis('messages per second', [3, 10, 30, 100, 300, 1_000, 3_000, 10_000]),
        series: measured.map(({ variant, cells }) => ({
          name: variant.name,
          shape: 'dots',
          points: cells.map(({ heartbeats }, index) => [sizes[index] ?? 0, heartbeats] as const),
        })),
      },
    },
  };
}

/** Elections, deciding rounds and speculative rounds per hour. */
export function stabilityCell(
  trouble: Trouble,
  members: number,
  variant: Variant,
  seconds: number,
): string {
  const sets = { sets: 3, seconds };
  const rates = meanStability({ members, network: lan, variant }, trouble, sets);
  const { elections, decidingRounds, speculativeRounds } = rates;
  return `${elections.toFixed(0)} / ${decidingRounds.toFixed(0)} / ${speculativeRounds.toFixed(0)}`;
}

export function stabilitySection({ seconds, progress }: Effort): Section {
  const rows = troubles.map((trouble) => {
    const cell = (members: number, variant: Variant) => {
      if (!trouble.fits(members)) return '-';
      progress(`${trouble.title}, ${members} members, ${variant.name}`);
      return stabilityCell(trouble, members, variant, seconds);
    };
    return [
      trouble.title,
      ...[3, 5, 7].map((members) => cell(members, asShipped)),
      ...heartbeatVariants.slice(1).map((variant) => cell(5, variant)),
    ];
  });
  return {
    name: 'stability',
    table: table(
      [
        'trouble',
        '3 members',
        '5 members',
        '7 members',
        ...heartbeatVariants.slice(1).map(({ name }) => `5 members, ${name}`),
      ],
      rows,
    ),
    charts: {},
  };
}

/** Trials, those left out, and those that lost the write. */
function dataCentreCells(options: Omit<DataCentreLoss, 'seed'>, trials: number): readonly string[] {
  const { spread, kept, lost } = outcomes(options, trials);
  return [`${kept + lost}`, `${spread}`, `${lost}`];
}

export function dataCentreSection({ trials, progress }: Effort): Section {
  const veto: Variant = { name: 'veto', policies: { behindInDecidingRound: 'veto' } };
  const cases = [
    { acknowledged: 'in a second data centre', concern: inAnotherDataCentre, variant: asShipped },
    { acknowledged: 'in a second data centre', concern: inAnotherDataCentre, variant: veto },
    { acknowledged: 'by the primary alone (control)', concern: { w: 1 }, variant: asShipped },
  ] as const;
  const rows = cases.flatMap(({ acknowledged, ...options }) =>
    (options.concern === inAnotherDataCentre ? [false, true] : [false]).map((isHolderUnheard) => {
      progress(`data centre lost, acknowledged ${acknowledged}, ${options.variant.name}`);
      return [
        acknowledged,
        options.variant === veto ? 'veto' : 'no',
        isHolderUnheard ? 'only answers in the deciding round' : 'stands and answers',
        ...dataCentreCells({ ...options, isHolderUnheard }, trials),
      ];
    }),
  );
  return {
    name: 'data-centre',
    table: table(
      ['acknowledged', 'deciding round', 'the only holder', 'trials', 'left out', 'lost'],
      rows,
    ),
    charts: {},
  };
}

const percentAxis = {
  label: 'trials done by then, %',
  scale: 'linear',
  from: 0,
  to: 100,
  ticks: [0, 25, 50, 75, 100],
} as const;

function logAxis(label: string, ticks: readonly number[]) {
  return { label, scale: 'log', from: ticks[0] ?? 1, to: ticks.at(-1) ?? 1, ticks } as const;
}

function figures(all: readonly Failover[]): string[] {
  const time = summarize(all.map(({ millis }) => millis));
  const rounds = summarize(all.map((trial) => trial.rounds));
  const messages = summarize(all.map(({ electionMessages }) => electionMessages));
  return [
    millisText(time.p50),
    millisText(time.p99),
    millisText(time.max),
    `${rounds.p50} / ${rounds.p99} / ${rounds.max}`,
    `${messages.p50}`,
  ];
}

function millisText(millis: number): string {
  return millis.toFixed(0);
}

/** Columns are padded, as the formatter of the repository wants them. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [line(head), rule, ...rows.map(line)].join('\n');
}
