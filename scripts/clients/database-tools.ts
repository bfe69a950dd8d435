/**
 * The MongoDB Database Tools against a set: what they dump they restore, what they export they import.
 * They are not in a package registry: `MONGO_TOOLS` names the folder of their binaries.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Db, MongoClient } from 'mongodb';

const timeoutMs = 60_000;
const documents = 2000;

/** Runs in the folder `scratch`, on databases of its own; true when all of it went well. */
export async function runDatabaseTools(
  tools: string,
  scratch: string,
  uri: string,
): Promise<boolean> {
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(scratch, { recursive: true });
  const run = async (tool: string, ...args: string[]): Promise<void> => {
    const child = spawn(join(tools, tool), ['--quiet', `--uri=${uri}`, ...args], {
      cwd: scratch,
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: timeoutMs,
    });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`${tool} ${args.join(' ')} ends with ${code}`);
    console.log(`${tool}: ok`);
  };
  const client = await new MongoClient(uri).connect();
  try {
    const original = client.db('tools');
    await original.dropDatabase();
    await client.db('copy').dropDatabase();
    await fill(original);
    await run('mongodump', '--oplog', '--out=whole');
    await run('mongodump', '--db=tools', '--gzip', '--out=dump');
    await run('mongorestore', '--gzip', '--nsFrom=tools.*', '--nsTo=copy.*', 'dump');
    await expectSame(original, client.db('copy'));
    await run('mongoexport', '--db=tools', '--collection=things', '--sort={_id:1}', '--out=out');
    await run('mongoimport', '--db=copy', '--collection=things', '--mode=upsert', '--file=out');
    await run('mongoimport', '--db=copy', '--collection=again', '--file=out');
    await expectSame(original, client.db('copy'));
    writeFileSync(join(scratch, 'note'), 'kept in GridFS');
    await run('mongofiles', '--db=copy', 'put', 'note');
    await run('mongofiles', '--db=copy', '--local=note.back', 'get', 'note');
    if (!existsSync(join(scratch, 'note.back'))) throw new Error('mongofiles got nothing');
    await run('mongostat', '-n=1');
    await run('mongotop', '-n=1', '1');
    return true;
  } catch (error) {
    console.error((error as Error).message);
    return false;
  } finally {
    await client.close();
  }
}

/** Collections of several kinds, with indexes of several kinds. */
async function fill(db: Db): Promise<void> {
  const things = db.collection('things');
  await things.insertMany(
    Array.from({ length: documents }, (_, at) => ({
      _id: at as never,
      a: at % 7,
      at: new Date(at * 1000),
      loc: { type: 'Point', coordinates: [at % 90, at % 45] },
      text: `fox number ${at}`,
    })),
  );
  await things.createIndexes([
    { key: { a: 1, at: -1 }, partialFilterExpression: { a: { $gt: 2 } } },
    { key: { loc: '2dsphere' } },
    { key: { text: 'text' }, weights: { text: 3 } },
    { key: { at: 1 }, expireAfterSeconds: 2_000_000_000 },
  ]);
  await db.createCollection('capped', { capped: true, size: 100_000, max: 50 });
  await db.collection('capped').insertMany([{ a: 1 }, { a: 2 }]);
  await db.createCollection('view', { viewOn: 'things', pipeline: [{ $match: { a: 1 } }] });
  await db.createCollection('french', {
    collation: { locale: 'fr', strength: 2 },
    validator: { $jsonSchema: { required: ['a'] } },
  });
  await db.collection('french').insertOne({ a: 1 });
  await db.createCollection('weather', { timeseries: { timeField: 'at', metaField: 'place' } });
  await db.collection('weather').insertMany([
    { at: new Date(0), place: 'here', degrees: 12 },
    { at: new Date(1000), place: 'there', degrees: 13.5 },
  ]);
}

async function expectSame(one: Db, other: Db): Promise<void> {
  const [expected, found] = await Promise.all([describe(one), describe(other)]);
  for (const [name, collection] of Object.entries(expected)) {
    if (isDeepStrictEqual(collection, found[name])) continue;
    throw new Error(
      `${name} came back as\n${JSON.stringify(found[name])}, not as\n${JSON.stringify(collection)}`,
    );
  }
}

/** Collections by name: options, indexes, and how many documents with which hash. */
async function describe(db: Db): Promise<Record<string, unknown>> {
  const { collections: hashes } = await db.command({ dbHash: 1 });
  const described: Record<string, unknown> = {};
  for (const { name, type, options } of await db
    .listCollections({}, { nameOnly: false })
    .toArray()) {
    if (name.startsWith('system.')) continue;
    const indexes = type === 'view' ? [] : await db.collection(name).indexes();
    // mongorestore makes them in an order of its own.
    indexes.sort((a, b) => (String(a.name) < String(b.name) ? -1 : 1));
    const count = await db.collection(name).countDocuments();
    described[name] = { type, options, indexes, count, hash: hashes[name] };
  }
  return described;
}
