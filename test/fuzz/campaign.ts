/** Worlds of one seed after the other, and the smallest world that fails as a failing one does. */
import { EJSON } from 'bson';
import { checkQueries } from './check-queries.ts';
import { checkWrites } from './check-writes.ts';
import { Draw } from './draw.ts';
import { indexes } from './indexes.ts';
import { query } from './queries.ts';
import { shrink } from './shrink.ts';
import { documentOf } from './values.ts';
import { openWorld, RuleBroken, type WorldPlan } from './world.ts';
import { write } from './writes.ts';

const documentsMax = 12;
const queriesPerWorld = 300;
const writesPerWorld = 100;
/** Asked again after all writes are undone. */
const queriesAfterUndo = 4;

/**
 * Filters, updates, deletes and inserted documents that one world tries. Each is one case, however
 * many documents it meets; the documents a world begins with are not counted.
 */
export const casesPerWorld = queriesPerWorld + writesPerWorld;

export interface Failure {
  readonly seed: number;
  readonly rule: string;
  readonly detail: string;
}

export function planOf(seed: number): WorldPlan {
  const draw = new Draw(seed);
  const count = draw.between(1, documentsMax);
  const documents = Array.from({ length: count }, (_, id) => documentOf(draw, id));
  return {
    documents,
    indexes: indexes(draw),
    queries: Array.from({ length: queriesPerWorld }, () => query(draw, documents)),
    writes: Array.from({ length: writesPerWorld }, (_, at) => write(draw, count + at, documents)),
  };
}

/** What went wrong, if something did. */
export async function runPlan(plan: WorldPlan): Promise<Omit<Failure, 'seed'> | undefined> {
  try {
    const world = await openWorld(plan);
    await checkQueries(world, plan.queries);
    await checkWrites(world, plan.writes);
    await checkQueries(world, plan.queries.slice(0, queriesAfterUndo));
    return undefined;
  } catch (error) {
    if (error instanceof RuleBroken) return { rule: error.rule, detail: error.message };
    const { name, message, stack } = error as Error;
    return { rule: `no fault (${name})`, detail: stack ?? message };
  }
}

export async function runSeed(seed: number): Promise<Failure | undefined> {
  const failure = await runPlan(planOf(seed));
  return failure && { seed, ...failure };
}

/** The seed's world made small, with what it breaks, as text. */
export async function storyOf({ seed, rule }: Failure): Promise<string> {
  const small = await shrink(planOf(seed), async (plan) => (await runPlan(plan))?.rule === rule);
  const failure = await runPlan(small);
  return `${failure?.detail}\n${EJSON.stringify(small, { relaxed: false })}`;
}
