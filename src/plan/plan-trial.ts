/**
 * Tries candidate plans side by side for a short while and ranks them by what they came to, as MongoDB's
 * plan ranker does: results for each step of work, a bonus for a plan that is through, and for plans
 * otherwise equal the one that fetches and sorts less.
 */
import type { Reader } from '../../storage/index.ts';
import { SliceClock } from './slice-clock.ts';
import { type Stage, Work } from './stage.ts';
import { eventLoop } from './turns.ts';

/** MongoDB's internalQueryPlanEvaluationMaxResults: with so many results a plan has shown enough. */
const enoughResults = 101;
/** Index entries or documents one plan may look at, and all of them together: a slice of the event loop. */
const worksMax = 2000;
const worksTotalMax = 6000;
/**
 * Only very large documents take longer; in milliseconds of CPU time: on a busy machine the clock runs on
 * while the plans stand still, and what they came to would say little of them.
 */
const timeMax = 15;

/** What a plan did in its trial. */
export interface PlanTrial {
  /** As far as it ran; it is not run again. */
  readonly root: Stage;
  readonly results: number;
  /** Index entries or documents looked at, whichever are more. */
  readonly works: number;
  readonly isEof: boolean;
  readonly score: number;
}

/** Every plan's trial, in the order given. The plans are used up: build the winner anew. */
export function tryPlans(roots: readonly Stage[], reader: Reader): PlanTrial[] {
  const limit = Math.min(worksMax, Math.ceil(worksTotalMax / roots.length));
  const runs = roots.map((root) => ({ root, results: 0, isEof: false }));
  const enoughCpuMs = eventLoop.cpuMs() + timeMax;
  let clock = new SliceClock(timeMax);
  for (const { root } of runs) root.attach(reader);
  try {
    for (let isOver = false; !isOver; ) {
      for (const run of runs) {
        const result = run.root.work();
        if (result === Work.advanced) run.results++;
        else if (result === Work.done) run.isEof = true;
        isOver ||= run.isEof || run.results >= enoughResults || worksOf(run.root) >= limit;
      }
      if (!isOver && clock.isOver()) {
        isOver = eventLoop.cpuMs() >= enoughCpuMs;
        clock = new SliceClock(timeMax);
      }
    }
  } finally {
    for (const { root } of runs) root.detach();
  }
  return runs.map((run) => {
    const works = Math.max(1, worksOf(run.root));
    return { ...run, works, score: scoreOf(run.root, run.results / works, works, run.isEof) };
  });
}

/** Index entries or documents a plan has looked at, whichever are more. */
export function worksOf(root: Stage): number {
  return Math.max(totalOf(root, keysOf), totalOf(root, documentsOf));
}

function keysOf(stage: Stage): number {
  return stage.keysExamined;
}

function documentsOf(stage: Stage): number {
  return stage.documentsExamined;
}

/** A counter over a stage and all below it. */
export function totalOf(stage: Stage, of: (stage: Stage) => number): number {
  return stage.children.reduce((sum, child) => sum + totalOf(child, of), of(stage));
}

function scoreOf(root: Stage, productivity: number, works: number, isEof: boolean): number {
  const bonus = Math.min(1 / (10 * works), 1e-4);
  const noFetch = hasStage(root, 'FETCH') ? 0 : bonus;
  const noSort = hasStage(root, 'SORT') ? 0 : bonus;
  return 1 + productivity + noFetch + noSort + (isEof ? 1 : 0);
}

function hasStage(stage: Stage, name: string): boolean {
  return stage.name === name || stage.children.some((child) => hasStage(child, name));
}
