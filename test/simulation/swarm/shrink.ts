import type { Action, Link, Plan, Setup } from './plan.ts';

/** Runs a plan and says which invariant it breaks, if any. */
export type Verdict = (plan: Plan) => string | undefined;

export interface Shrunk {
  readonly plan: Plan;
  readonly invariant: string;
  readonly runs: number;
}

/**
 * A smaller plan that breaks the same invariant: fewer actions, a plainer set, fewer members, shorter pauses, in rounds until nothing more
 * can be left out. Each candidate is run, at most `maxRuns` of them.
 */
export function shrink(plan: Plan, verdict: Verdict, maxRuns = 3000): Shrunk {
  const invariant = verdict(plan);
  if (invariant === undefined) throw new Error('the plan breaks nothing');
  let best = plan;
  let runs = 1;
  const isAsBad = (candidate: Plan) => {
    if (runs >= maxRuns) return false;
    runs += 1;
    return verdict(candidate) === invariant;
  };
  const tryOne = (candidate: Plan) => {
    if (!isAsBad(candidate)) return false;
    best = candidate;
    return true;
  };
  for (let before: Plan | undefined; before !== best && runs < maxRuns; ) {
    before = best;
    best = withFewerActions(best, isAsBad);
    for (const simpler of simplerSetups) {
      const setup = simpler(best.setup);
      if (setup !== best.setup) tryOne({ ...best, setup });
    }
    while (best.setup.nodes > 1 && tryOne(withoutLastNode(best)));
    best.actions.forEach((action, index) => {
      for (const after of [0, 1, 10, Math.round(action.after / 2)])
        if (
          after < best.actions[index]!.after &&
          tryOne(withAction(best, index, { ...action, after }))
        )
          break;
    });
    const { healing: _, ...unhealed } = best;
    if (best.healing !== undefined) tryOne(unhealed);
  }
  return { plan: best, invariant, runs };
}

/** Leaves out halves, quarters and so on down to single actions (Zeller's delta debugging). The pauses of what goes are kept. */
function withFewerActions(plan: Plan, isAsBad: (plan: Plan) => boolean): Plan {
  let best = plan;
  for (let size = Math.ceil(best.actions.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let start = 0; start < best.actions.length; ) {
      const candidate = { ...best, actions: without(best.actions, start, size) };
      if (isAsBad(candidate)) best = candidate;
      else start += size;
    }
  }
  return best;
}

function without(actions: readonly Action[], start: number, size: number): Action[] {
  const left = [...actions.slice(0, start)];
  const gone = actions.slice(start, start + size).reduce((sum, { after }) => sum + after, 0);
  const [next, ...rest] = actions.slice(start + size);
  if (next !== undefined) left.push({ ...next, after: next.after + gone }, ...rest);
  return left;
}

function withAction(plan: Plan, index: number, action: Action): Plan {
  return { ...plan, actions: plan.actions.with(index, action) };
}

const simplerSetups: readonly ((setup: Setup) => Setup)[] = [
  (setup) => (setup.ambushes.length === 0 ? setup : { ...setup, ambushes: [] }),
  (setup) => (setup.lossRate === 0 ? setup : { ...setup, lossRate: 0 }),
  (setup) => (setup.duplicateRate === 0 ? setup : { ...setup, duplicateRate: 0 }),
  (setup) => (setup.farLinks.length === 0 ? setup : { ...setup, farLinks: [] }),
  (setup) => (setup.slowDisks ? { ...setup, slowDisks: false } : setup),
  (setup) =>
    setup.clockRates.some((rate) => rate !== 1)
      ? { ...setup, clockRates: setup.clockRates.map(() => 1) }
      : setup,
  (setup) => (Object.keys(setup.policies).length === 0 ? setup : { ...setup, policies: {} }),
  (setup) => (setup.isInitiated ? { ...setup, isInitiated: false } : setup),
  (setup) => ({
    ...setup,
    members: setup.members.map(({ _id, host }) => ({ _id, host })),
  }),
  (setup) => ({ ...setup, networkMillis: [1, 1] }),
  (setup) => ({ ...setup, settings: {} }),
];

/** Without the node of the highest number: ids of nodes are their places. */
function withoutLastNode(plan: Plan): Plan {
  const { setup } = plan;
  const id = setup.nodes - 1;
  const isThere = ([from, to]: Link) => from !== id && to !== id;
  const actions = plan.actions.flatMap((action): Action[] => {
    if (action.do === 'partition') return [{ ...action, cut: action.cut.filter(isThere) }];
    if ('link' in action && !isThere(action.link)) return [];
    if ('who' in action && action.who === id) return [];
    return [action];
  });
  return {
    ...plan,
    actions,
    setup: {
      ...setup,
      nodes: setup.nodes - 1,
      members: setup.members.filter((one) => one._id !== id),
      clockRates: setup.clockRates.slice(0, -1),
      farLinks: setup.farLinks.filter(([from, to]) => isThere([from, to])),
    },
  };
}

/** A test that runs this plan, to be kept until what it found is repaired, and after. */
export function testOf({ plan, invariant }: Shrunk, off: readonly string[] = []): string {
  const options = off.length === 0 ? '' : `, { off: ${JSON.stringify(off)} }`;
  return [
    "import { it } from 'vitest';",
    "import { runPlan } from './swarm/run-plan.ts';",
    '',
    `it('keeps ${invariant} (found by seed ${plan.seed})', () => {`,
    `  runPlan(${JSON.stringify(plan, undefined, 2).replaceAll('\n', '\n  ')}${options});`,
    '});',
  ].join('\n');
}
