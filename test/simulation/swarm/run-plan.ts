import type { SafetyRules } from '../../../src/ark/index.ts';
import { arkProtocol, Clients, type InvariantChoice, logLength, World } from '../world/index.ts';
import { Actor } from './act.ts';
import { tellUntruths } from './broken-contracts.ts';
import { Draw } from './draw.ts';
import { drawActions } from './draw-actions.ts';
import { drawSetup } from './draw-setup.ts';
import { healAndDemand, type Recovery } from './healing.ts';
import type { Plan } from './plan.ts';
import { type ProfileName, profiles } from './profiles.ts';

/** `safety`: faults to the end. `liveness`: then a core heals and must get on. */
export type Mode = 'safety' | 'liveness';

export interface RunOptions {
  /** Safety rules that are switched off. */
  readonly off?: readonly (keyof SafetyRules)[];
  readonly invariants?: InvariantChoice;
  /** Keep a story to read; it is part of the error, or told to `onStory`. Default: no. */
  readonly story?: boolean;
  readonly onStory?: (story: string) => void;
}

export interface RunReport {
  /** Over everything that happened. */
  readonly hash: number;
  readonly virtualMillis: number;
  /** Inputs fed to members. */
  readonly steps: number;
  readonly elections: number;
  readonly rounds: number;
  readonly committed: number;
  readonly acknowledged: number;
  readonly reads: number;
  readonly undone: number;
  readonly disksLost: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly marks: ReadonlyMap<string, number>;
  readonly recovery: Recovery | undefined;
}

/** Everything that a seed draws. */
export function planOf(
  seed: number,
  mode: Mode = 'liveness',
  profile: ProfileName = 'everything',
): Plan {
  const draw = new Draw(seed * 2654435761);
  const chosen = profiles[profile];
  const setup = drawSetup(draw, chosen);
  const actions = drawActions(draw, chosen, setup);
  const plan = { seed, setup, actions };
  return mode === 'safety' ? plan : { ...plan, healing: { seed } };
}

/** Throws InvariantBroken when something does not hold. */
export function runPlan(plan: Plan, options: RunOptions = {}): RunReport {
  const world = worldOf(plan, options);
  const report = runIn(world, plan, options.off);
  options.onStory?.(world.story());
  return report;
}

function worldOf({ seed, setup }: Plan, options: RunOptions) {
  const { nodes, members, settings, policies } = setup;
  const world = new World({
    protocol: arkProtocol(options.off, policies),
    members: nodes,
    seed,
    config: { members, settings },
    diskMillis: setup.diskMillis,
    slowDisks: setup.slowDisks,
    networkMillis: setup.networkMillis,
    lossRate: setup.lossRate,
    duplicateRate: setup.duplicateRate,
    invariants: options.invariants ?? 'all',
    story: options.story ?? false,
  });
  for (const [from, to, millis] of setup.farLinks) world.network.lengthen(from, to, millis);
  setup.clockRates.forEach((rate, id) => {
    world.node(id).clock.runAt(rate, 0);
  });
  return world;
}

function runIn(world: ReturnType<typeof worldOf>, plan: Plan, off: RunOptions['off']): RunReport {
  const { setup } = plan;
  const clients = new Clients(world);
  const actor = new Actor(world, clients, setup, off);
  actor.lieInWait(new Draw(plan.seed));
  if (off === undefined || off.length === 0) tellUntruths(world);
  if (plan.actions.some((action) => action.do === 'replay')) actor.rememberMessages();
  begin(world, plan);
  for (const action of plan.actions) {
    world.run(action.after);
    actor.act(action);
  }
  world.run(100);
  actor.stop();
  const recovery =
    plan.healing === undefined
      ? undefined
      : healAndDemand(world, clients, setup, new Draw(plan.healing.seed));
  return {
    hash: world.hash.value,
    virtualMillis: world.now,
    steps: world.steps,
    elections: world.history.tenures.length,
    rounds: world.marks.get('votingRound') ?? 0,
    committed: logLength(world.history.committed),
    acknowledged: clients.acknowledgements,
    reads: clients.reads,
    undone: world.history.undone,
    disksLost: world.history.disksLost,
    faults: actor.done,
    marks: world.marks,
    recovery,
  };
}

function begin(world: ReturnType<typeof worldOf>, { setup }: Plan): void {
  if (!setup.isInitiated) {
    world.bootstrap();
    return;
  }
  for (const { id } of world.nodes) world.start(id);
  const config = world.configInput();
  world.command(0, { kind: 'reconfig', force: false, config });
  world.command(0, { kind: 'initiate', config: { _id: config._id, members: [] } });
  world.command(0, { kind: 'initiate', config });
}
