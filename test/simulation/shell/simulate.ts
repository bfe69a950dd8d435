/** One run: a set is made, clients and faults go on for a while, everything is mended, and what remains is judged. */

import { Dice } from '../../../scripts/chaos/random.ts';
import { defaultSettings } from '../../../src/ark/index.ts';
import { replaceEventLoop } from '../../../src/plan/index.ts';
import { convergeWithinMs, describe, hasConverged } from './convergence.ts';
import { Faults } from './faults.ts';
import { endAll, judge } from './judge.ts';
import { Client } from './load/client.ts';
import { DefinitionLoad } from './load/definition-load.ts';
import { ListLoad } from './load/list-load.ts';
import { RegisterLoad } from './load/register-load.ts';
import { SetLoad } from './load/set-load.ts';
import type { Workload } from './load/workload.ts';
import { drawSetup, type Setup } from './setup.ts';
import { World } from './world.ts';

export interface ShellRun {
  readonly seed: number;
  readonly setup: Setup;
  readonly failures: readonly string[];
  readonly story: readonly string[];
  readonly hash: string;
  readonly virtualMs: number;
  readonly deliveries: number;
  readonly acknowledged: number;
  /** Entries that rollbacks took back. */
  readonly undone: number;
  readonly faults: number;
}

const initiateWithinMs = 60_000;
/** For processes that are only starting, and flushes that are slow. */
const startMs = 3000;

export async function simulateShell(seed: number, changes: Partial<Setup> = {}): Promise<ShellRun> {
  const dice = new Dice(seed);
  const setup = { ...drawSetup(dice), ...changes };
  const world = new World(setup, dice);
  const loads = [new SetLoad(), new ListLoad(), new RegisterLoad(), new DefinitionLoad()];
  const faults = new Faults(world);
  world.tell(undefined, `seed ${seed} ${JSON.stringify(setup)}`);
  const restoreEventLoop = replaceEventLoop({
    monotonicMs: world.workClock,
    cpuMs: world.workClock,
    afterTurn: (resume) => void world.timeline.after(setup.workMs * dice.fraction(), resume),
  });
  try {
    await runPhases(world, loads, faults);
  } catch (error) {
    world.fail(`the simulation broke: ${(error as Error).stack}`);
  } finally {
    restoreEventLoop();
  }
  return {
    seed,
    setup,
    failures: world.failures,
    story: world.story,
    hash: world.digest(),
    virtualMs: world.timeline.now,
    deliveries: world.network.delivered,
    acknowledged: loads.reduce((sum, { acknowledged }) => sum + acknowledged, 0),
    undone: world.rollbacks.entries,
    faults: faults.done,
  };
}

async function runPhases(world: World, loads: readonly Workload[], faults: Faults): Promise<void> {
  if (!(await initiate(world))) return;
  const load = startClients(world, loads);
  faults.start();
  await world.until(() => false, world.setup.faultsMs);
  faults.end();
  load.isOver = true;
  const hasPrimary = await world.until(
    () => world.primaries.length > 0,
    primaryWithinMs(world.setup),
  );
  if (!hasPrimary && world.failures.length === 0) world.fail(`no primary (L1): ${describe(world)}`);
  const isConverged = await world.until(
    () => load.running === 0 && hasConverged(world),
    convergeWithinMs,
  );
  if (!isConverged) {
    if (world.failures.length === 0) world.fail(`no convergence (L2): ${describe(world)}`);
    return;
  }
  await judge(world, loads);
  await endAll(world);
}

/** Three election timeouts, and what a new primary may take to catch up. */
function primaryWithinMs({ settings }: Setup): number {
  const timeoutMs = Number(settings.electionTimeoutMillis ?? defaultSettings.electionTimeoutMillis);
  const catchUpMs = Number(settings.catchUpTimeoutMillis ?? defaultSettings.catchUpTimeoutMillis);
  return 3 * timeoutMs + Math.max(0, catchUpMs) + startMs;
}

async function initiate(world: World): Promise<boolean> {
  const { network, setup, members } = world;
  network.habits = { ...setup.network, lossShare: 0 };
  for (const member of members) member.start();
  await world.until(() => world.running.length === members.length, initiateWithinMs);
  const client = new Client(world, 'operator');
  const answer = await world.during(
    client.call((members[0] as { host: string }).host, {
      replSetInitiate: {
        _id: 'rs0',
        members: members.map(({ host, id }) => ({ _id: id, host, ...setup.memberConfigs[id] })),
        settings: setup.settings,
      },
      $db: 'admin',
    }),
  );
  if (answer?.kind !== 'reply' || answer.reply.ok !== 1) {
    world.fail(`the set could not be initiated: ${JSON.stringify(answer)}`);
    return false;
  }
  client.close();
  const isReady = await world.until(() => hasConverged(world), initiateWithinMs);
  if (!isReady) world.fail(`the set did not begin: ${describe(world)}`);
  network.habits = setup.network;
  return isReady;
}

interface RunningLoad {
  isOver: boolean;
  running: number;
}

function startClients(world: World, loads: readonly Workload[]): RunningLoad {
  const { setup, timeline, dice } = world;
  const load: RunningLoad = { isOver: false, running: setup.clients };
  const run = async (name: string) => {
    const client = new Client(world, name);
    while (!load.isOver) {
      await timeline.sleep(dice.fraction() * setup.thinkMs);
      await dice.pick(loads).step(client);
    }
    client.close();
  };
  for (let index = 0; index < setup.clients; index++) {
    run(`client${index}`)
      .catch((error: unknown) => world.fail(`a client broke: ${(error as Error).stack}`))
      .finally(() => {
        load.running--;
      });
  }
  return load;
}
