/** What the probes of docs/compatibility.md run against, and how their steps are held against the answers. */
import { type Db, type Document, MongoClient } from 'mongodb';
import { afterAll, expect } from 'vitest';
import type { Probe, ProbeBed, Step } from '../../scripts/compatibility/feature-row.ts';
import { Cluster } from '../../src/cluster/index.ts';

/** To be awaited at the top of a test file; all ends with the file's last test. */
export async function startProbes(): Promise<(probe: Probe, name: string) => Promise<void>> {
  const set = await Cluster.start({
    members: 1,
    setParameter: { enableTestCommands: '1' },
    javascriptEnabled: true,
  });
  const client = await new MongoClient(set.uri).connect();
  let three: Promise<Cluster> | undefined;
  afterAll(async () => {
    await client.close();
    await set.stop();
    await (await three)?.stop();
  });
  const threeMembers = () => {
    three ??= Cluster.start({ members: 3 });
    return three;
  };
  return async (probe, name) => {
    const bed: ProbeBed = { client, db: client.db(name), threeMembers };
    await (typeof probe === 'function' ? probe(bed) : runSteps(bed.db, client, probe));
  };
}

async function runSteps(db: Db, client: MongoClient, steps: readonly Step[]): Promise<void> {
  let reply: Document = {};
  for (const [asked, answer] of steps) {
    const { $db, ...command } = typeof asked === 'function' ? asked(reply) : asked;
    reply = await replyTo($db === undefined ? db : client.db($db), command);
    const told = `${JSON.stringify(command)} -> ${JSON.stringify(reply)}`;
    if (typeof answer === 'number') {
      expect(reply.code ?? reply.writeErrors?.[0]?.code, told).toBe(answer);
      continue;
    }
    expect(reply.ok, told).toBe(1);
    const tellsErrors = typeof answer === 'object' && 'writeErrors' in answer;
    if (!tellsErrors) expect(reply.writeErrors, told).toBeUndefined();
    if (typeof answer === 'function') expect(answer(reply), told).toBe(true);
    else if (answer !== undefined) expect(reply, told).toMatchObject(answer);
  }
}

/** An error's document too. */
async function replyTo(db: Db, command: Document): Promise<Document> {
  try {
    return await db.command(command, { promoteValues: true });
  } catch (error) {
    const { errorResponse } = error as { errorResponse?: Document };
    if (errorResponse === undefined) throw error;
    return errorResponse;
  }
}
