import { type Document, MongoServerError } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

const { client, db } = await startShop();

const validator = { $jsonSchema: { properties: { n: { bsonType: 'int' } } } };

beforeEach(async () => {
  await db.dropDatabase();
  await command({ create: 'things', validator });
});

function things() {
  return db.collection<{ _id: number; n?: unknown }>('things');
}

function command(body: Document): Promise<Document> {
  return db.command(body);
}

async function options(): Promise<Document> {
  const [listed] = await db.listCollections({ name: 'things' }).toArray();
  return (listed as { options: Document }).options;
}

async function refusal(running: Promise<unknown>): Promise<MongoServerError> {
  const error = await running.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MongoServerError)) throw new Error(`not refused: ${String(error)}`);
  return error;
}

const failed = { code: 121, message: 'Document failed validation' };

describe('a validator', () => {
  test('refuses a document that does not match, and tells why', async () => {
    const error = await refusal(things().insertOne({ _id: 1, n: 'text' }));

    expect(error).toMatchObject(failed);
    expect(error.errInfo).toEqual({
      failingDocumentId: 1,
      details: {
        operatorName: '$jsonSchema',
        schemaRulesNotSatisfied: [
          {
            operatorName: 'properties',
            propertiesNotSatisfied: [
              {
                propertyName: 'n',
                details: [
                  {
                    operatorName: 'bsonType',
                    specifiedAs: { bsonType: 'int' },
                    reason: 'type did not match',
                    consideredValue: 'text',
                    consideredType: 'string',
                  },
                ],
              },
            ],
          },
        ],
      },
    });
    expect(await things().countDocuments()).toBe(0);
  });

  test('lets the other documents of an unordered insert in', async () => {
    const documents = [{ _id: 1, n: 1 }, { _id: 2, n: 'x' }, { _id: 3 }];
    const reply = await command({ insert: 'things', documents, ordered: false });

    expect(reply).toMatchObject({ n: 2, writeErrors: [{ index: 1, code: 121 }] });
  });

  test.each([
    ['update', () => things().updateOne({ _id: 1 }, { $set: { n: 'x' } })],
    ['replacement', () => things().replaceOne({ _id: 1 }, { n: 'x' })],
    ['pipeline', () => things().updateOne({ _id: 1 }, [{ $set: { n: 'x' } }])],
    ['findAndModify', () => things().findOneAndUpdate({ _id: 1 }, { $set: { n: 'x' } })],
    ['upsert', () => things().updateOne({ _id: 2 }, { $set: { n: 'x' } }, { upsert: true })],
  ])('is asked by an %s', async (_name, write) => {
    await things().insertOne({ _id: 1, n: 1 });

    expect(await refusal(write())).toMatchObject({ code: 121 });
    expect(await things().find().toArray()).toEqual([{ _id: 1, n: 1 }]);
  });

  test('is not asked by a write that bypasses it', async () => {
    const bypass = { bypassDocumentValidation: true };
    await things().insertOne({ _id: 1, n: 'a' }, bypass);
    await things().updateOne({ _id: 1 }, { $set: { n: 'b' } }, bypass);
    await things().updateOne({ _id: 2 }, { $set: { n: 'b' } }, { ...bypass, upsert: true });
    await things().findOneAndUpdate({ _id: 1 }, { $set: { n: 'c' } }, bypass);
    await client.db('admin').command({
      bulkWrite: 1,
      ops: [
        { insert: 0, document: { _id: 3, n: 'd' } },
        { update: 0, filter: { _id: 2 }, updateMods: { $set: { n: 'e' } } },
      ],
      nsInfo: [{ ns: 'shop.things' }],
      ...bypass,
    });

    expect((await things().find().sort({ _id: 1 }).toArray()).map(({ n }) => n)).toEqual([
      'c',
      'e',
      'd',
    ]);
  });

  test('is asked by a bulkWrite', async () => {
    const reply = await client.db('admin').command({
      bulkWrite: 1,
      ops: [{ insert: 0, document: { _id: 3, n: 'd' } }],
      nsInfo: [{ ns: 'shop.things' }],
    });

    expect(reply.cursor.firstBatch).toMatchObject([{ ok: 0, idx: 0, code: 121 }]);
  });

  test('that only warns lets documents in', async () => {
    await command({ collMod: 'things', validationAction: 'warn' });

    expect(await things().insertOne({ _id: 1, n: 'x' })).toMatchObject({ insertedId: 1 });
  });

  test('that errs and logs refuses documents', async () => {
    await command({ collMod: 'things', validationAction: 'errorAndLog' });

    expect(await refusal(things().insertOne({ _id: 1, n: 'x' }))).toMatchObject(failed);
  });

  test('that is off lets documents in', async () => {
    await command({ collMod: 'things', validationLevel: 'off' });

    expect(await things().insertOne({ _id: 1, n: 'x' })).toMatchObject({ insertedId: 1 });
  });

  test('that is moderate lets an invalid document stay invalid', async () => {
    await things().insertMany(
      [
        { _id: 1, n: 'x' },
        { _id: 2, n: 1 },
      ],
      {
        bypassDocumentValidation: true,
      },
    );
    await command({ collMod: 'things', validationLevel: 'moderate' });

    expect(await things().updateOne({ _id: 1 }, { $set: { n: 'y' } })).toMatchObject({
      modifiedCount: 1,
    });
    const turned = things().updateOne({ _id: 2 }, { $set: { n: 'y' } });
    expect(await refusal(turned)).toMatchObject(failed);
    expect(await refusal(things().insertOne({ _id: 3, n: 'x' }))).toMatchObject(failed);
  });

  test('is not asked of documents that are there', async () => {
    await things().insertOne({ _id: 1, n: 1 });
    await command({ collMod: 'things', validator: { n: { $gt: 5 } } });

    expect(await things().countDocuments()).toBe(1);
    expect(await refusal(things().insertOne({ _id: 2, n: 1 }))).toMatchObject({
      errInfo: { details: { operatorName: '$gt', reason: 'comparison failed' } },
    });
  });

  test('that is empty is none', async () => {
    await command({ collMod: 'things', validator: {} });

    expect(await things().insertOne({ _id: 1, n: 'x' })).toMatchObject({ insertedId: 1 });
    expect(await options()).toEqual({});
  });

  test('may speak of the time', async () => {
    await command({ collMod: 'things', validator: { $expr: { $lt: ['$n', '$$NOW'] } } });

    await things().insertOne({ _id: 1, n: new Date(0) });
    const future = new Date(Date.now() + 86_400_000);
    expect(await refusal(things().insertOne({ _id: 2, n: future }))).toMatchObject(failed);
  });

  test('is listed with its level and action', async () => {
    expect(await options()).toEqual({ validator });
    await command({ collMod: 'things', validationLevel: 'moderate', validationAction: 'warn' });
    expect(await options()).toEqual({
      validator,
      validationLevel: 'moderate',
      validationAction: 'warn',
    });
  });

  test.each([
    [{ validator: 1 }, 14],
    [{ validator: { $where: 'true' } }, 2],
    [{ validator: { $text: { $search: 'x' } } }, 2],
    [{ validator: { at: { $near: [0, 0] } } }, 5626500],
    [{ validator: { at: { $nearSphere: [0, 0] } } }, 5626500],
    [{ validator: { $nope: 1 } }, 2],
    [{ validator: { a: { $nope: 1 } } }, 2],
    [{ validator: { $expr: { $nope: 1 } } }, 168],
    [{ validator: { $jsonSchema: { nope: 1 } } }, 9],
    [{ validationLevel: 'loose' }, 2],
    [{ validationLevel: 1 }, 14],
    [{ validationAction: 'log' }, 2],
  ])('%j is refused with %i', async (given, code) => {
    expect(await refusal(command({ create: 'others', ...given }))).toMatchObject({ code });
    expect(await refusal(command({ collMod: 'things', ...given }))).toMatchObject({ code });
    expect(await options()).toEqual({ validator });
  });

  test.each(['admin', 'config', 'local'])('has no place in %s', async (name) => {
    const running = client.db(name).command({ create: 'others', validator: { a: 1 } });

    expect(await refusal(running)).toMatchObject({ code: 72 });
  });

  test('has no place on a view', async () => {
    const running = command({ create: 'view', viewOn: 'things', pipeline: [], validator });

    expect(await refusal(running)).toMatchObject({ code: 72 });
  });
});
