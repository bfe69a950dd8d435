import { type Document, Double, Int32, Long, ObjectId } from 'bson';
import { encodeCommand } from './connection.ts';

/** One kind of operation: a message per operation, and how many documents it touches. */
export interface Workload {
  readonly name: string;
  /** The figure it is compared with; `echo` is a server that only sends the same reply. */
  readonly against: 'ping' | 'echo' | 'raw LMDB';
  readonly documents: number;
  readonly message: (operation: number) => Buffer;
  /** Takes so long that one client is enough, once: with the first concurrency asked for. */
  readonly isLong?: boolean;
}

export const databaseName = 'benchmark';
export const residentDocuments = 100_000;
const rangeLength = 100;

const filler = 'x'.repeat(55);

/** A document of 1 KB with 19 fields; `a` is the 11th, indexed fields are `k` and `_id`. */
export function document(id: number | ObjectId, k: number): Document {
  const fields: Document = { _id: id, k: new Int32(k) };
  for (let i = 0; i < 8; i++) fields[`text${i}`] = filler;
  Object.assign(fields, { a: new Int32(k % 100), n: { b: new Int32(k % 10), c: filler } });
  for (let i = 0; i < 4; i++) fields[`more${i}`] = filler;
  return Object.assign(fields, {
    amount: new Double(k / 3),
    at: new Date(k),
    long: Long.fromNumber(k),
    counter: new Int32(0),
  });
}

function random(limit: number): number {
  return Math.floor(Math.random() * limit);
}

function command(fields: Document): Buffer {
  return encodeCommand({ ...fields, $db: databaseName });
}

const ping = encodeCommand({ ping: 1, $db: 'admin' });

function insert(w: number | 'majority'): Workload['message'] {
  return () =>
    command({
      insert: 'written',
      documents: [document(new ObjectId(), random(1e6))],
      writeConcern: { w },
    });
}

const preparedCount = 20_000;

/** Messages made in advance, at the first use, so that the client costs as little as it can. */
function prepared(make: () => Buffer): () => Buffer {
  let messages: Buffer[] | undefined;
  return () => {
    messages ??= Array.from({ length: preparedCount }, make);
    return messages[random(preparedCount)] as Buffer;
  };
}

const findById = prepared(() =>
  command({
    find: 'resident',
    filter: { _id: random(residentDocuments) },
    limit: 1,
    singleBatch: true,
  }),
);

const increment = prepared(() =>
  command({
    update: 'resident',
    updates: [{ q: { _id: random(residentDocuments) }, u: { $inc: { counter: 1 } } }],
    writeConcern: { w: 1 },
  }),
);

const range = prepared(() => {
  const from = random(residentDocuments - rangeLength);
  return command({
    find: 'resident',
    filter: { k: { $gte: from, $lt: from + rangeLength } },
    batchSize: rangeLength + 1,
  });
});

export const workloads: readonly Workload[] = [
  { name: 'ping', against: 'ping', documents: 1, message: () => ping },
  { name: 'find by _id', against: 'ping', documents: 1, message: findById },
  {
    name: `indexed range of ${rangeLength}`,
    against: 'echo',
    documents: rangeLength,
    message: range,
  },
  { name: 'insert w:1', against: 'raw LMDB', documents: 1, message: insert(1) },
  { name: 'insert w:majority', against: 'raw LMDB', documents: 1, message: insert('majority') },
  {
    name: 'insertMany of 100 w:1',
    against: 'raw LMDB',
    documents: 100,
    message: () =>
      command({
        insert: 'written',
        documents: Array.from({ length: 100 }, () => document(new ObjectId(), random(1e6))),
        writeConcern: { w: 1 },
      }),
  },
  { name: 'update $inc by _id', against: 'raw LMDB', documents: 1, message: increment },
  {
    name: 'mixed: 3 find, 1 update',
    against: 'ping',
    documents: 1,
    message: (operation) => (operation % 4 === 3 ? increment() : findById()),
  },
  {
    name: 'scan with a filter',
    against: 'ping',
    documents: residentDocuments,
    isLong: true,
    message: () => command({ find: 'resident', filter: { a: -1 } }),
  },
  {
    name: 'group by a field',
    against: 'ping',
    documents: residentDocuments,
    isLong: true,
    message: () =>
      command({
        aggregate: 'resident',
        pipeline: [{ $group: { _id: '$a', n: { $sum: 1 } } }],
        cursor: {},
      }),
  },
];
