/**
 * Everything a driver can do to documents, indexes and collections, in steps that remember what was
 * acknowledged. Every kind of work has ids of its own, so that what must be there at the
 * end is known exactly:
 *
 * - `kept`: inserted, never deleted. Acknowledged by a majority: it is there.
 * - `counters`: one operation adds 1 to `n` and its own name to `ops`. Done twice, or lost, it shows.
 * - `churned`: inserted, changed and deleted by one client each, document by document.
 * - `unique`: many want the same values, one can have each.
 * - `ddl_*`: come, go, get other names. Only the members' agreement is checked.
 */
import { type Collection, type Db, MongoBulkWriteError } from 'mongodb';
import type { Counter, Kept, Ledger } from './mixed-ledger.ts';
import type { Dice } from './random.ts';

/** Who takes the steps. */
export interface Stepper {
  readonly name: string;
  readonly dice: Dice;
  readonly ledger: Ledger;
  /** Documents of `churned` this client has made and not deleted. */
  readonly own: string[];
  /** An id nobody else makes. */
  freshId(): string;
  /** Half of the writes wait for a majority; the others may be rolled back. */
  concern(): { w: 1 | 'majority' };
}

type Step = (client: Stepper, db: Db) => Promise<void>;

function tagsFor(dice: Dice): unknown {
  return dice.pick<unknown>([
    undefined,
    dice.below(10),
    [dice.below(5), dice.below(5)],
    [1, 1.5, 'text', null],
    [{ a: dice.below(3) }, { a: dice.below(3), b: [1, 2] }],
    'x'.repeat(dice.below(2500)),
    [],
  ]);
}

function keptOf(client: Stepper): Kept {
  const _id = client.freshId();
  const { dice } = client;
  client.ledger.keptTried.add(_id);
  return { _id, n: dice.below(100), unique: _id, tags: tagsFor(dice) };
}

function noteKept(client: Stepper, w: 1 | 'majority', ids: readonly string[]): void {
  const { kept, keptByOne } = client.ledger;
  for (const id of ids) (w === 1 ? keptByOne : kept).add(id);
}

const insertKept: Step = async (client, db) => {
  const document = keptOf(client);
  const writeConcern = client.concern();
  await db.collection<Kept>('kept').insertOne(document, { writeConcern });
  noteKept(client, writeConcern.w, [document._id]);
};

const insertManyKept: Step = async (client, db) => {
  const { dice } = client;
  const documents = Array.from({ length: 1 + dice.below(150) }, () => keptOf(client));
  const writeConcern = client.concern();
  const ordered = dice.chance(0.5);
  // One that is there twice: unordered, all others must go in.
  const doubled = !ordered && documents.length > 2 && dice.chance(0.4);
  if (doubled) documents.splice(1 + dice.below(documents.length - 1), 0, documents[0] as Kept);
  try {
    await db.collection<Kept>('kept').insertMany(documents, { writeConcern, ordered });
  } catch (error) {
    const isOnlyTheDouble =
      doubled &&
      error instanceof MongoBulkWriteError &&
      error.result.getWriteConcernError() === undefined &&
      [error.writeErrors].flat().every(({ code }) => code === 11000) &&
      [error.writeErrors].flat().length === 1;
    if (!isOnlyTheDouble) throw error;
  }
  const ids = documents.map(({ _id }) => _id);
  noteKept(client, writeConcern.w, ids);
};

const countOps = 12;

const count: Step = async (client, db) => {
  const { dice, ledger } = client;
  const _id = `counter ${dice.below(countOps)}`;
  const name = client.freshId();
  const counters = db.collection<Counter>('counters');
  const writeConcern = client.concern();
  const change = { $inc: { n: 1 }, $push: { ops: name } } as never;
  setOf(ledger.countTried, _id).add(name);
  switch (dice.below(3)) {
    case 0:
      await counters.findOneAndUpdate({ _id }, change, { upsert: true, writeConcern });
      break;
    case 1:
      await counters.bulkWrite([{ updateOne: { filter: { _id }, update: change, upsert: true } }], {
        writeConcern,
        ordered: dice.chance(0.5),
      });
      break;
    default:
      await counters.updateOne({ _id }, change, { upsert: true, writeConcern });
  }
  if (writeConcern.w === 'majority') setOf(ledger.counted, _id).add(name);
};

const changeKept: Step = async (client, db) => {
  const { dice } = client;
  const kept = db.collection('kept');
  const writeConcern = client.concern();
  const filter = { n: dice.below(100) };
  const options = { writeConcern };
  switch (dice.below(6)) {
    case 0:
      await kept.updateMany(filter, { $set: { tags: tagsFor(dice) ?? null } }, options);
      break;
    case 1:
      await kept.updateMany(filter, { $unset: { tags: 1 }, $inc: { changed: 1 } }, options);
      break;
    case 2:
      await kept.updateOne(filter, { $push: { list: dice.below(4) } } as never, options);
      break;
    case 3:
      await kept.findOneAndUpdate(filter, { $inc: { n: 1 } }, { ...options, sort: { _id: 1 } });
      break;
    case 4:
      await kept.updateOne(filter, { $pull: { list: 1 } } as never, options);
      break;
    default:
      await kept.updateMany({}, { $inc: { touched: 1 } }, options);
  }
};

const churn: Step = async (client, db) => {
  const { dice, ledger, own } = client;
  const churned = db.collection<{ _id: string }>('churned');
  const writeConcern = client.concern();
  const isSure = writeConcern.w === 'majority';
  if (own.length < 5 || dice.chance(0.4)) {
    const _id = client.freshId();
    await churned.insertOne({ _id, tags: tagsFor(dice), text: _id } as never, { writeConcern });
    if (isSure) {
      own.push(_id);
      ledger.churnedPresent.add(_id);
    }
    return;
  }
  const _id = dice.pick(own);
  switch (dice.below(4)) {
    case 0: {
      own.splice(own.indexOf(_id), 1);
      ledger.churnedPresent.delete(_id);
      await churned.deleteOne({ _id }, { writeConcern });
      if (isSure) ledger.churnedGone.add(_id);
      return;
    }
    case 1: {
      own.splice(own.indexOf(_id), 1);
      ledger.churnedPresent.delete(_id);
      await churned.findOneAndDelete({ _id }, { writeConcern });
      if (isSure) ledger.churnedGone.add(_id);
      return;
    }
    case 2:
      await churned.replaceOne({ _id }, { tags: tagsFor(dice), text: 'new' } as never, {
        writeConcern,
      });
      return;
    default:
      await churned.updateOne(
        { _id },
        { $set: { tags: tagsFor(dice) ?? 0 }, $inc: { n: 1 } },
        {
          writeConcern,
        },
      );
  }
};

const unique: Step = async (client, db) => {
  const { dice } = client;
  const values = db.collection<{ _id: string; u: number }>('unique');
  const writeConcern = client.concern();
  const u = dice.below(40);
  switch (dice.below(4)) {
    case 0:
      await values.deleteOne({ u }, { writeConcern });
      return;
    case 1:
      await values.updateOne({ u }, { $set: { u: dice.below(40) } }, { writeConcern });
      return;
    case 2:
      await values.updateOne({ u }, { $set: { by: client.name } }, { upsert: true, writeConcern });
      return;
    default:
      await values.insertOne({ _id: client.freshId(), u }, { writeConcern });
  }
};

const indexKeys: readonly Record<string, 1 | -1>[] = [
  { tags: 1 },
  { n: 1, tags: -1 },
  { 'tags.a': 1 },
  { list: 1 },
  { touched: -1, n: 1 },
  { 'tags.b': 1, n: -1 },
];

const indexes: Step = async (client, db) => {
  const { dice } = client;
  const name = dice.pick(['kept', 'kept', 'churned', 'unique']);
  const collection: Collection = db.collection(name);
  if (dice.chance(0.45)) {
    if (dice.chance(0.2)) await collection.dropIndexes();
    else {
      const key = dice.pick(indexKeys);
      await collection.dropIndex(Object.entries(key).flat().join('_'));
    }
    return;
  }
  if (name === 'unique') await collection.createIndex({ u: 1 }, { unique: true });
  else if (name === 'kept' && dice.chance(0.3)) {
    await collection.createIndex({ unique: 1 }, { unique: true });
  } else await collection.createIndex(dice.pick(indexKeys));
};

const collections: Step = async (client, db) => {
  const { dice } = client;
  const name = `ddl_${dice.below(6)}`;
  switch (dice.below(6)) {
    case 0:
      await db.createCollection(name);
      return;
    case 1:
      await db.dropCollection(name);
      return;
    case 2: {
      const to = `ddl_${dice.below(6)}`;
      if (to !== name) await db.renameCollection(name, to, { dropTarget: dice.chance(0.6) });
      return;
    }
    case 3:
      await db.collection(name).createIndex(dice.pick(indexKeys));
      return;
    case 4:
      await db
        .collection(name)
        .deleteMany({ n: { $lt: dice.below(50) } }, { writeConcern: client.concern() });
      return;
    default:
      await db.collection(name).insertMany(
        Array.from({ length: 1 + dice.below(30) }, () => ({
          n: dice.below(100),
          tags: tagsFor(dice),
        })),
        { writeConcern: client.concern(), ordered: dice.chance(0.5) },
      );
  }
};

/** Reads may fail, but not in ways of their own. */
const read: Step = async (client, db) => {
  const { dice } = client;
  const options = {
    readConcern: { level: dice.pick(['local', 'majority'] as const) },
    readPreference: dice.pick(['primary', 'nearest'] as const),
    batchSize: 20,
  };
  const cursor = db.collection(dice.pick(['kept', 'churned', 'ddl_1'])).find({}, options);
  try {
    for (let count = 0; count < 200 && (await cursor.next()) !== null; count++);
  } finally {
    await cursor.close();
  }
};

const steps: readonly (readonly [weight: number, step: Step])[] = [
  [25, insertKept],
  [8, insertManyKept],
  [25, count],
  [8, changeKept],
  [20, churn],
  [12, unique],
  [3, indexes],
  [6, collections],
  [4, read],
];
const totalWeight = steps.reduce((sum, [weight]) => sum + weight, 0);

export function pickStep(dice: Dice): Step {
  let at = dice.fraction() * totalWeight;
  for (const [weight, step] of steps) {
    at -= weight;
    if (at < 0) return step;
  }
  return insertKept;
}

function setOf(sets: Map<string, Set<string>>, key: string): Set<string> {
  let set = sets.get(key);
  if (set === undefined) {
    set = new Set();
    sets.set(key, set);
  }
  return set;
}
