/**
 * How long does a member stand still while it does something long? Loads a collection, runs every
 * long operation, and prints the pauses of the member's event loop under each: the longest and the 99.9th
 * percentile by CPU time of its thread (`work ms`, `99.9% ms`), how many had more than 20 ms of it, and the
 * longest by the clock with what of it was waiting for the disk.
 *
 *   npm run slices -- [--documents 200000] [--repeat 3] [--only name,name] [--profile folder]
 *
 * Run by hand, on a quiet machine: what else runs there counts as a pause too, so each operation that
 * can be repeated is, and the best run is shown.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Collection, type Db, MongoClient } from 'mongodb';
import { anyFreePorts } from '../src/cluster/free-ports.ts';
import { runCommand } from '../src/cluster/run-command.ts';
import type { Pauses, Request } from './slices/watched-member.ts';

const { values: options } = parseArgs({
  options: {
    documents: { type: 'string', default: '200000' },
    repeat: { type: 'string', default: '3' },
    only: { type: 'string' },
    profile: { type: 'string' },
  },
});
const documentCount = Number(options.documents);
const only = options.only?.split(',');

class WatchedMember {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(port: number, folder: string): Promise<WatchedMember> {
    const file = fileURLToPath(new URL('./slices/watched-member.ts', import.meta.url));
    const child = fork(file, [String(port), folder], { execArgv: ['--import', 'tsx'] });
    await once(child, 'message');
    return new WatchedMember(child);
  }

  async ask(request: Request): Promise<Pauses> {
    this.#child.send(request);
    const [answer] = await once(this.#child, 'message');
    return answer as Pauses;
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.send({ kind: 'stop' } satisfies Request);
    await ended;
  }
}

interface Operation {
  readonly name: string;
  /** Undone before it is repeated; without it the operation may simply run again. */
  readonly undo?: () => Promise<unknown>;
  readonly once?: boolean;
  run(): Promise<unknown>;
}

const filler = 'x'.repeat(850);

function documentOf(number: number): Record<string, unknown> {
  return {
    _id: number,
    a: number % 1000,
    b: (number * 7919) % documentCount,
    s: `name ${number}`,
    list: [number % 10, number % 7],
    filler,
  };
}

async function load(collection: Collection, from: number, count: number): Promise<void> {
  for (let at = from; at < from + count; at += 1000) {
    const documents = Array.from({ length: Math.min(1000, from + count - at) }, (_, next) =>
      documentOf(at + next),
    );
    await collection.insertMany(documents as never[], { writeConcern: { w: 1 } });
  }
}

function operationsOn(db: Db): Operation[] {
  const all = db.collection('all');
  const other = db.collection('other');
  const big = { filler: 'y'.repeat(8 * 1024 * 1024) };
  const indexed = (name: string, keys: Record<string, 1 | -1>, unique = false): Operation => ({
    name,
    run: () => all.createIndex(keys, { unique, name: 'measured' }),
    undo: () => all.dropIndex('measured'),
  });
  return [
    { name: 'ping for 1 s', run: () => pingFor(db, 1000) },
    { name: 'insertMany 1000 x 1 KB', run: () => load(other, nextId(1000), 1000) },
    {
      name: 'insertMany 10 x 8 MB',
      run: () => other.insertMany(Array.from({ length: 10 }, () => ({ ...big }))),
    },
    { name: 'find, scan, nothing found', run: () => all.find({ s: 'none' }).toArray() },
    { name: 'find, regex, scan', run: () => all.find({ filler: /xz$/ }).toArray() },
    {
      name: 'find, batches of 16 MB',
      run: () => all.find({}, { batchSize: 1_000_000 }).limit(40_000).toArray(),
    },
    {
      name: 'sort of all, maybe too much',
      run: () =>
        all.find({}).limit(80_000).sort({ b: 1 }).batchSize(1000).limit(0).toArray().catch(ignore),
    },
    {
      name: 'sort, just below 100 MB',
      run: () =>
        all
          .find({ _id: { $lt: 88_000 } as never })
          .sort({ b: 1 })
          .batchSize(1000)
          .toArray(),
    },
    {
      name: 'sort with limit 50,000',
      run: () => all.find().sort({ b: -1 }).limit(50_000).project({ b: 1 }).toArray(),
    },
    {
      name: '$group, 1000 groups',
      run: () => all.aggregate([{ $group: { _id: '$a', n: { $sum: '$b' } } }]).toArray(),
    },
    {
      name: '$group, a group each',
      run: () =>
        all.aggregate([{ $group: { _id: '$b', n: { $sum: 1 } } }, { $count: 'n' }]).toArray(),
    },
    {
      name: '$unwind, $group',
      run: () =>
        all
          .aggregate([{ $unwind: '$list' }, { $group: { _id: '$list', n: { $sum: 1 } } }])
          .toArray(),
    },
    {
      name: '$project, $sort',
      run: () =>
        all.aggregate([{ $project: { b: 1 } }, { $sort: { b: 1 } }, { $count: 'n' }]).toArray(),
    },
    {
      name: '$group, $push all',
      run: () => all.aggregate([{ $group: { _id: null, all: { $push: '$b' } } }]).toArray(),
    },
    { name: 'distinct of 1000', run: () => all.distinct('a') },
    { name: 'distinct of all', run: () => all.distinct('b') },
    { name: 'count with filter', run: () => all.countDocuments({ a: { $gt: 10 } }) },
    { name: 'validate', run: () => db.command({ validate: 'all' }) },
    { name: 'dbHash', run: () => db.command({ dbHash: 1 }) },
    {
      name: 'collStats, dbStats',
      run: async () => {
        await db.command({ collStats: 'all' });
        await db.command({ dbStats: 1 });
      },
    },
    indexed('createIndex, one field', { a: 1 }),
    indexed('createIndex, compound', { a: 1, s: -1 }),
    indexed('createIndex, unique', { b: 1 }, true),
    indexed('createIndex, multikey', { list: 1 }),
    {
      name: 'createIndex under load',
      run: () => underLoad(db, () => all.createIndex({ b: 1 }, { name: 'measured' })),
      undo: () => all.dropIndex('measured'),
    },
    {
      name: 'dropIndexes',
      once: true,
      run: async () => {
        await all.createIndex({ a: 1 });
        await db.command({ dropIndexes: 'all', index: '*' });
        await pingFor(db, 5000);
      },
    },
    { name: 'updateMany', run: () => all.updateMany({}, { $inc: { a: 1 } }) },
    {
      name: 'deleteMany, half',
      run: () => all.deleteMany({ _id: { $gte: documentCount / 2 } as never }),
      undo: () => load(all, documentCount / 2, documentCount / 2),
    },
    {
      name: 'drop and reaping',
      once: true,
      run: async () => {
        await all.drop();
        await pingFor(db, 10_000);
      },
    },
  ];
}

function ignore(): void {}

let lastId = 1_000_000_000;
function nextId(count: number): number {
  lastId += count;
  return lastId - count;
}

async function pingFor(db: Db, milliseconds: number): Promise<void> {
  const until = performance.now() + milliseconds;
  while (performance.now() < until) await db.command({ ping: 1 });
}

const loadingClients = 16;

/** Runs while clients look documents up by _id, change them and insert others. */
async function underLoad(db: Db, run: () => Promise<unknown>): Promise<void> {
  const all = db.collection<{ _id: number; a: number }>('all');
  const other = db.collection<{ _id: number }>('other');
  let isOver = false;
  const client = async (): Promise<void> => {
    while (!isOver) {
      const _id = Math.floor(Math.random() * documentCount);
      await all.findOne({ _id });
      await all.updateOne({ _id }, { $inc: { a: 1 } });
      await other.insertOne(documentOf(nextId(1)) as never);
    }
  };
  const clients = Array.from({ length: loadingClients }, client);
  await run();
  isOver = true;
  await Promise.all(clients);
}

interface Row extends Pauses {
  readonly seconds: number;
}

async function measure(member: WatchedMember, operation: Operation): Promise<Row> {
  let best: Row | undefined;
  const repeat = operation.once === true ? 1 : Number(options.repeat);
  for (let run = 0; run < repeat; run += 1) {
    const profile = options.profile !== undefined;
    await member.ask({ kind: 'reset', profile });
    const started = performance.now();
    await operation.run();
    const seconds = (performance.now() - started) / 1000;
    const pauses = await member.ask({
      kind: 'read',
      profileTo: profile ? profilePath(operation.name) : undefined,
    });
    if (best === undefined || pauses.maxWorkMs < best.maxWorkMs) best = { ...pauses, seconds };
    if (run < repeat - 1 || operation.undo !== undefined) await operation.undo?.();
  }
  return best as Row;
}

function profilePath(name: string): string {
  const folder = options.profile as string;
  mkdirSync(folder, { recursive: true });
  return join(folder, `${name.replaceAll(/\W+/g, '-')}.cpuprofile`);
}

function print(name: string, row: Row): void {
  const { seconds, maxMs, blockedMs, maxWorkMs, p999WorkMs, longTurns, turns } = row;
  const figures = [seconds, maxWorkMs, p999WorkMs, maxMs, blockedMs].map((cell) => cell.toFixed(1));
  const cells = [...figures, `${longTurns}/${turns}`];
  console.log(`${name.padEnd(30)}${cells.map((cell) => cell.padStart(10)).join('')}`);
}

const folder = mkdtempSync(join(tmpdir(), 'slices-'));
const [first = 0, second = 0] = await anyFreePorts(2);
const source = await WatchedMember.start(first, join(folder, 'first'));
try {
  const host = `127.0.0.1:${first}`;
  await runCommand(host, 'admin', {
    replSetInitiate: { _id: 'slices', members: [{ _id: 0, host }] },
  });
  const client = new MongoClient(`mongodb://${host}/?replicaSet=slices`);
  const db = client.db('slices');
  const operations = operationsOn(db).filter(
    ({ name }) => only === undefined || only.some((word) => name.includes(word)),
  );
  console.log(
    `${'operation'.padEnd(30)}   seconds   work ms  99.9% ms   wall ms   disk ms    >20 ms`,
  );
  print(
    'load',
    await measure(source, {
      name: 'load',
      once: true,
      run: () => load(db.collection('all'), 0, documentCount),
    }),
  );
  if (only === undefined || only.includes('initial sync')) await measureInitialSync(client);
  for (const operation of operations) {
    try {
      print(operation.name, await measure(source, operation));
    } catch (error) {
      console.log(`${operation.name.padEnd(30)} ${(error as Error).message}`);
    }
  }
  await client.close();
} finally {
  await source.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** A second member without a vote copies everything; both sides are watched. */
async function measureInitialSync(client: MongoClient): Promise<void> {
  const target = await WatchedMember.start(second, join(folder, 'second'));
  try {
    const { config } = await client.db('admin').command({ replSetGetConfig: 1 });
    config.version += 1;
    config.members.push({ _id: 1, host: `127.0.0.1:${second}`, votes: 0, priority: 0 });
    await source.ask({ kind: 'reset', profile: options.profile !== undefined });
    await target.ask({ kind: 'reset', profile: false });
    const started = performance.now();
    await client.db('admin').command({ replSetReconfig: config });
    for (let isDone = false; !isDone; ) {
      await new Promise((next) => setTimeout(next, 50));
      const { members } = await client.db('admin').command({ replSetGetStatus: 1 });
      isDone = members.some(
        ({ _id, stateStr }: { _id: number; stateStr: string }) =>
          _id === 1 && stateStr === 'SECONDARY',
      );
    }
    const seconds = (performance.now() - started) / 1000;
    print('initial sync, source', {
      ...(await source.ask({
        kind: 'read',
        profileTo: options.profile === undefined ? undefined : profilePath('initial sync'),
      })),
      seconds,
    });
    print('initial sync, target', {
      ...(await target.ask({ kind: 'read', profileTo: undefined })),
      seconds,
    });
    config.version += 1;
    config.members.pop();
    await client.db('admin').command({ replSetReconfig: config });
  } finally {
    await target.stop();
  }
}
