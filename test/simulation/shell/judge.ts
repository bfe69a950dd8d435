/** What must be true of the members in the end, when all faults are mended and nobody writes any more. */
import { compareStores, foldedDifferences, undoDifferences } from '../../../scripts/chaos/fold.ts';
import { compareGtids } from '../../../src/ark/index.ts';
import { gtidFromBytes } from '../../../src/database/index.ts';
import { type Engine, firstEntry } from '../../../storage/index.ts';
import { convergeWithinMs, describe, hasConverged } from './convergence.ts';
import { Client, type Fields } from './load/client.ts';
import { documentsOf } from './load/outcome.ts';
import type { Workload } from './load/workload.ts';
import { farewellMs } from './member.ts';
import type { Server } from './server.ts';
import type { World } from './world.ts';

/** What is dropped is deleted by rounds of housekeeping, one a second. */
const reapMs = 3500;
/** Of the entry that opens the first tenure. */
const firstGtid = { term: 1, opid: 0 };
const undoPlaces = 3;

/** No time passes while the log is folded. */
const foldingTime = {
  schedule: (run: () => void) => void Promise.resolve().then(run),
  monotonicMs: () => 0,
};

export async function judge(world: World, loads: readonly Workload[]): Promise<void> {
  const { invariants, rollbacks } = world;
  const members = world.members.filter(({ holdsData }) => holdsData);
  const [first] = members.map(({ server }) => server as Server) as [Server];
  for (const { server } of members) invariants.checkCommittedIn(server as Server);
  rollbacks.check();
  const client = new Client(world, 'judge');
  const documents = async (collection: string): Promise<Fields[]> => {
    const answer = await client.call(first.host, {
      find: collection,
      batchSize: 1_000_000,
      $readPreference: { mode: 'nearest' },
    });
    if (answer.kind !== 'reply' || answer.reply.ok !== 1) {
      throw new Error(`the last read failed: ${JSON.stringify(answer)}`);
    }
    return documentsOf(answer.reply);
  };
  for (const load of loads) await world.during(load.check(world, documents));
  client.close();
  // Time stands still after a failure: what follows would be found half done.
  if (world.failures.length > 0) return;
  await world.until(() => false, reapMs);
  // A takeover in between has begun a term of its own, whose first entry a delayed member has later.
  const isConverged = await world.until(() => hasConverged(world), convergeWithinMs);
  if (!isConverged) world.fail(`no convergence (L2): ${describe(world)}`);
  if (world.failures.length > 0) return;
  const store = first.database.engine;
  for (const { server, id } of members.slice(1)) {
    for (const difference of compareStores(store, (server as Server).database.engine)) {
      world.fail(`members 0 and ${id} differ (A15): ${difference}`);
    }
  }
  // Of a log that was cut at its old end the rest is not the whole story.
  if (!isWhole(store)) return;
  for (const difference of await foldedDifferences(store, foldingTime)) {
    world.fail(`the store is not what its log says: ${difference}`);
  }
  for (const difference of await undoDifferences(store, undoPlaces, foldingTime)) {
    world.fail(`undoing the log does not lead back: ${difference}`);
  }
}

function isWhole({ latest }: Engine): boolean {
  const first = firstEntry(latest);
  return first !== undefined && compareGtids(gtidFromBytes(first.gtid), firstGtid) === 0;
}

/** Ends every member cleanly. */
export async function endAll(world: World): Promise<void> {
  await world.during(Promise.all(world.members.map(({ server }) => server?.stop())));
  await world.until(() => false, farewellMs);
  for (const member of world.members) if (member.server) member.checkLeftovers(member.server);
}
