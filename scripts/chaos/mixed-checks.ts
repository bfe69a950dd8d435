/** What must be true of a set that is whole and at rest again. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { deserialize } from 'bson';
import { MongoClient } from 'mongodb';
import { compareGtids } from '../../src/ark/gtid.ts';
import type { Cluster } from '../../src/cluster/index.ts';
import { type Database, resumeIndexBuilds } from '../../src/database/index.ts';
import { factsOf } from '../../src/plan/index.ts';
import { type Engine, hasIndexKey, scanIndex, scanRecords } from '../../storage/index.ts';
import { compareStores, foldedDifferences, type Store, undoDifferences } from './fold.ts';
import type { Counter, Kept, Ledger } from './mixed-ledger.ts';
import { databaseName } from './mixed-load.ts';

export interface CheckOptions {
  /** Some member has lost its data: what only it had is in no file. */
  readonly wasWiped: boolean;
  readonly folder: string | undefined;
}

const quietTimeoutMs = 30_000;
const undoPlaces = 6;

export async function checkMixed(
  cluster: Cluster,
  ledger: Ledger,
  options: CheckOptions,
): Promise<{ wrong: string[]; entries: number }> {
  const wrong: string[] = [];
  let entries = 0;
  const members = [...cluster.hosts.keys()].map((index) => cluster.member(index));
  wrong.push(...(await atRest(cluster)));
  // What the set does of its own from here on, an election on a busy machine, is not looked at.
  const stores = members.map(({ database }) => ({ latest: database.engine.snapshot() }));
  try {
    entries = entriesOf(stores[0] as Store);
    wrong.push(...(await storeDifferences(stores)));
  } finally {
    for (const { latest } of stores) latest.close();
  }
  for (const host of cluster.hosts) {
    wrong.push(...(await documentsOn(host, ledger)).map((text) => `${host}: ${text}`));
    wrong.push(...(await validated(host)).map((text) => `${host}: ${text}`));
  }
  for (const [index, { database }] of members.entries()) {
    wrong.push(...indexDifferences(database).map((text) => `member ${index}: ${text}`));
  }
  if (!options.wasWiped) wrong.push(...(await neitherHereNorInFiles(cluster, ledger)));
  return { wrong: wrong.map((text) => text.slice(0, 600)), entries };
}

/** Members against each other, and a member's data against its log, forwards and backwards. */
async function storeDifferences(stores: readonly Store[]): Promise<string[]> {
  const [first, ...others] = stores as [Store, ...Store[]];
  const wrong = others.flatMap((store, index) =>
    compareStores(first, store).map((text) => `members 0 and ${index + 1}: ${text}`),
  );
  const whole = stores.find(isLogWhole);
  if (whole !== undefined) {
    wrong.push(...(await foldedDifferences(whole)).map((text) => `log and data: ${text}`));
    wrong.push(...(await undoDifferences(whole, undoPlaces)));
  }
  return wrong;
}

/** Nothing is on its way any more: logs equal and committed, builds done, dropped data gone. */
async function atRest(cluster: Cluster): Promise<string[]> {
  const deadline = performance.now() + quietTimeoutMs;
  for (;;) {
    const members = [...cluster.hosts.keys()].map((index) => cluster.member(index));
    const [primary] = cluster.primaries;
    if (primary !== undefined) {
      await resumeIndexBuilds(cluster.member(primary).database).catch(() => {});
    }
    const ends = members.map(({ replicaSet }) => replicaSet?.lastDurable ?? { term: 0, opid: 0 });
    const commits = members.map(({ replicaSet }) => replicaSet?.commitPoint ?? ends[0]);
    const isEqual = [...ends, ...commits].every(
      (gtid) => compareGtids(gtid as (typeof ends)[0], ends[0] as (typeof ends)[0]) === 0,
    );
    const hasDropped = members.some(({ database }) => hasRows(database.engine));
    if (isEqual && !hasDropped && primary !== undefined) return [];
    if (performance.now() > deadline) {
      const gtids = (list: unknown[]) => list.map((gtid) => JSON.stringify(gtid)).join(' ');
      return [
        `not at rest after 30 s: logs end at ${gtids(ends)}, commit points ${gtids(commits)}, dropped data left: ${hasDropped}`,
      ];
    }
    await delay(50);
  }
}

function hasRows(engine: Engine): boolean {
  const cursor = engine.latest.cursor('drop', {});
  try {
    return cursor.next();
  } finally {
    cursor.close();
  }
}

async function documentsOn(host: string, ledger: Ledger): Promise<string[]> {
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`, {
    readPreference: 'secondaryPreferred',
  });
  const wrong: string[] = [];
  try {
    const db = client.db(databaseName);
    const kept = await idsOf(db.collection<Kept>('kept').find({}));
    const lost = [...ledger.kept].filter((id) => !kept.has(id));
    if (lost.length > 0) wrong.push(`${lost.length} of kept are lost: ${lost.slice(0, 5)}`);
    const strange = [...kept].filter((id) => !ledger.keptTried.has(id));
    if (strange.length > 0) wrong.push(`${strange.length} of kept nobody wrote: ${strange[0]}`);
    for (const { _id, n, ops } of await db.collection<Counter>('counters').find({}).toArray()) {
      const names = new Set(ops);
      if (n !== ops.length) wrong.push(`${_id}: n is ${n}, with ${ops.length} operations`);
      if (names.size !== ops.length) {
        const twice = ops.filter((name, at) => ops.indexOf(name) !== at);
        wrong.push(`${_id}: done twice: ${twice.slice(0, 5)}`);
      }
      const missing = [...(ledger.counted.get(_id) ?? [])].filter((name) => !names.has(name));
      if (missing.length > 0) wrong.push(`${_id}: lost: ${missing.slice(0, 5)}`);
      const tried = ledger.countTried.get(_id) ?? new Set();
      const strangers = ops.filter((name) => !tried.has(name));
      if (strangers.length > 0) wrong.push(`${_id}: nobody did ${strangers[0]}`);
    }
    const churned = await idsOf(db.collection<{ _id: string }>('churned').find({}));
    const gone = [...ledger.churnedPresent].filter((id) => !churned.has(id));
    if (gone.length > 0) wrong.push(`${gone.length} of churned are lost: ${gone.slice(0, 5)}`);
    const back = [...ledger.churnedGone].filter((id) => churned.has(id));
    if (back.length > 0) wrong.push(`${back.length} of churned are back: ${back.slice(0, 5)}`);
    return wrong;
  } finally {
    await client.close();
  }
}

async function idsOf(found: AsyncIterable<{ _id: string }>): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const { _id } of found) ids.add(_id);
  return ids;
}

async function validated(host: string): Promise<string[]> {
  const client = new MongoClient(`mongodb://${host}/?directConnection=true`, {
    readPreference: 'secondaryPreferred',
  });
  const wrong: string[] = [];
  try {
    const db = client.db(databaseName);
    for (const { name } of await db.listCollections().toArray()) {
      const { valid, errors } = await db.command({ validate: name });
      if (valid !== true) wrong.push(`${name} is not valid: ${errors}`);
    }
    return wrong;
  } finally {
    await client.close();
  }
}

/** Each index holds the keys of the documents there are, and no others. */
function indexDifferences({ engine, catalog }: Database): string[] {
  const wrong: string[] = [];
  for (const info of catalog.collections()) {
    const expected = new Map<string, number>();
    const documents = scanRecords(engine.latest, info);
    const records: { recordId: number; document: Buffer }[] = [];
    while (documents.next()) {
      const { buffer, start, recordId } = documents;
      const document = Buffer.from(buffer.subarray(start, start + buffer.readInt32LE(start)));
      records.push({ recordId, document });
    }
    documents.close();
    for (const index of info.indexes) {
      const name = `${info.namespace} ${index.name}`;
      if (index.state === 'building') {
        wrong.push(`${name} is still being built`);
        continue;
      }
      for (const { recordId, document } of records) {
        const { keys, multikey } = factsOf(index).keys(document, 0);
        const distinct = new Set(keys.map(({ keyString }) => keyString.toString('latin1')));
        expected.set(name, (expected.get(name) ?? 0) + distinct.size);
        for (const { keyString } of keys) {
          if (hasIndexKey(engine.latest, index, keyString, recordId)) continue;
          wrong.push(`${name} lacks a key of record ${recordId}`);
        }
        if (multikey.some((flag, field) => flag && index.multikeyPaths[field] !== true)) {
          wrong.push(`${name} is not multikey, record ${recordId} is`);
        }
      }
      let count = 0;
      const entries = scanIndex(engine.latest, index, {});
      while (entries.next()) count += 1;
      entries.close();
      if (count !== (expected.get(name) ?? 0)) {
        wrong.push(`${name} has ${count} keys instead of ${expected.get(name) ?? 0}`);
      }
    }
  }
  return wrong.slice(0, 10);
}

/** What one member acknowledged and the set has lost is in a rollback file. */
async function neitherHereNorInFiles(cluster: Cluster, ledger: Ledger): Promise<string[]> {
  const found = new Set<string>();
  for (const index of cluster.hosts.keys()) {
    const folder = join(cluster.memberFolder(index) ?? '', 'rollback');
    if (!existsSync(folder)) continue;
    for (const file of readdirSync(folder, { recursive: true }) as string[]) {
      if (!file.endsWith('.bson')) continue;
      const bytes = readFileSync(join(folder, file));
      for (let at = 0; at < bytes.length; at += bytes.readInt32LE(at)) {
        found.add(String(deserialize(bytes.subarray(at, at + bytes.readInt32LE(at)))._id));
      }
    }
  }
  const client = new MongoClient(cluster.uri);
  try {
    const kept = await idsOf(client.db(databaseName).collection<Kept>('kept').find({}));
    const lost = [...ledger.keptByOne].filter((id) => !kept.has(id) && !found.has(id));
    return lost.length === 0
      ? []
      : [`${lost.length} rolled back documents are in no file: ${lost.slice(0, 5)}`];
  } finally {
    await client.close();
  }
}

function isLogWhole(engine: Store): boolean {
  const cursor = engine.latest.cursor('oplog', {});
  try {
    // The first entry of all initiates the set, in term 1 and with position 0.
    return cursor.next() && cursor.key.subarray(0, 16).equals(firstGtid);
  } finally {
    cursor.close();
  }
}

const firstGtid = Buffer.from(`${'0'.repeat(15)}1${'0'.repeat(16)}`, 'hex');

function entriesOf(engine: Store): number {
  const cursor = engine.latest.cursor('oplog', {});
  let count = 0;
  while (cursor.next()) count += 1;
  cursor.close();
  return count;
}
