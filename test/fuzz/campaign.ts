/** Worlds of one seed after the other, and the smallest world that fails as a failing one does. */
import { EJSON } from 'bson';
import { checkQueries } from './check-queries.ts';
import { checkUpdates } from './check-updates.ts';
import { Draw } from './draw.ts';
import { indexes, query } from './queries.ts';
import { shrink } from './shrink.ts';
import { update } from './updates.ts';
import { documentOf } from './values.ts';
import { openWorld, RuleBroken, type WorldPlan } from './world.ts';

const documentsMax = 20;
const queriesPerWorld = 160;
const updatesPerWorld = 40;

/** Filters and updates that one world tries. */
export const casesPerWorld = queriesPerWorld + updatesPerWorld;

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
    updates: Array.from({ length: updatesPerWorld }, () => update(draw, documents)),
  };
}

/** What went wrong, if something did. */
export async function runPlan(plan: WorldPlan): Promise<Omit<Failure, 'seed'> | undefined> {
  try {
    const world = await openWorld(plan);
    await checkQueries(world, plan.queries);
    await checkUpdates(world, plan.updates);
    await checkQueries(world, plan.queries.slice(0, 2));
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
