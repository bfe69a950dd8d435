/** getMore and killCursors, by the manual's pages of the two commands. */
import { Decimal128, type Document, Double, Int32, Long } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

const { client, db } = await startShop();

beforeEach(async () => {
  await db.dropDatabase();
  await db
    .collection<{ _id: number }>('c')
    .insertMany(Array.from({ length: 10 }, (_, _id) => ({ _id })));
});

async function openCursor(): Promise<Long> {
  return (await db.command({ find: 'c', batchSize: 2 })).cursor.id;
}

async function answer(command: Document): Promise<Document> {
  return db.command(command).catch((error: { code: number }) => ({ code: error.code }));
}

describe('getMore', () => {
  test.each<[string, (id: Long) => unknown, number]>([
    ['an int', () => new Int32(1), 14],
    ['a double', (id) => new Double(id.toNumber()), 14],
    ['a decimal', () => Decimal128.fromString('1'), 14],
    ['a string', (id) => id.toString(), 14],
    ['null', () => null, 40414],
    ['a long nobody was given', () => Long.fromNumber(1), 43],
  ])('takes a cursor id that is a long; %s is refused', async (_, idOf, code) => {
    const id = await openCursor();
    expect(await answer({ getMore: idOf(id), collection: 'c' })).toEqual({ code });
    await db.command({ killCursors: 'c', cursors: [id] });
  });

  test.each<[unknown, number]>([
    [new Double(2.9), 2],
    [Decimal128.fromString('1.5'), 2],
    [Decimal128.fromString('2.5'), 2],
    [Decimal128.fromString('0.5000000000000000000000000000000001'), 1],
    [Decimal128.fromString('0.5'), 8],
    [Decimal128.fromString('NaN'), 8],
    [Long.fromNumber(3), 3],
  ])(
    'cuts a double batchSize and rounds a decimal half to even: %s gives %i',
    async (batchSize, count) => {
      const id = await openCursor();
      const { cursor } = await db.command({ getMore: id, collection: 'c', batchSize });
      expect(cursor.nextBatch).toHaveLength(count);
      await db.command({ killCursors: 'c', cursors: [id] });
    },
  );

  test('takes maxTimeMS of an awaitData cursor only, and leaves the cursor as it is', async () => {
    const id = await openCursor();
    for (const maxTimeMS of [0, 100]) {
      expect(await answer({ getMore: id, collection: 'c', maxTimeMS })).toEqual({ code: 2 });
    }
    const { cursor } = await db.command({ getMore: id, collection: 'c' });
    expect(cursor.nextBatch).toHaveLength(8);
  });

  test('belongs to the session of the cursor', async () => {
    const [own, other] = [client.startSession(), client.startSession()];
    const { cursor } = await db.command({ find: 'c', batchSize: 2 }, { session: own });
    const more = { getMore: cursor.id, collection: 'c' };
    await expect(db.command(more, { session: other })).rejects.toMatchObject({ code: 50738 });
    expect((await db.command(more, { session: own })).cursor.nextBatch).toHaveLength(8);
    await Promise.all([own.endSession(), other.endSession()]);
  });
});

describe('killCursors', () => {
  test('ends a cursor under whatever name of a collection', async () => {
    const id = await openCursor();
    const killed = await db.command({ killCursors: 'another', cursors: [id] });
    expect(killed.cursorsKilled).toEqual([id]);
    expect(await answer({ getMore: id, collection: 'c' })).toEqual({ code: 43 });
  });

  test('ends a cursor of listCollections under its own name', async () => {
    await db.collection('d').insertOne({});
    const { cursor } = await db.command({ listCollections: 1, cursor: { batchSize: 1 } });
    const killed = await db.command({ killCursors: '$cmd.listCollections', cursors: [cursor.id] });
    expect(killed.cursorsKilled).toEqual([cursor.id]);
  });

  test('finds a cursor whose collection was dropped', async () => {
    const id = await openCursor();
    await db.collection('c').drop();
    expect((await db.command({ killCursors: 'c', cursors: [id] })).cursorsKilled).toEqual([id]);
  });

  test('passes over nulls, and does nothing with an empty array', async () => {
    const [one, two] = [Long.fromNumber(1), Long.fromNumber(2)];
    const some = await db.command({ killCursors: 'c', cursors: [null, one, null, two] });
    expect(some).toMatchObject({ cursorsKilled: [], cursorsNotFound: [1, 2] });
    const none = await db.command({ killCursors: 'c', cursors: [] });
    expect(none).toMatchObject({ cursorsKilled: [], cursorsNotFound: [], ok: 1 });
  });

  test.each<[unknown, number]>([
    [undefined, 40414],
    [null, 40414],
    [1, 14],
    [[1], 14],
    [[Long.fromNumber(1), 'x'], 14],
  ])('takes an array of longs: %j is refused', async (cursors, code) => {
    expect(await answer({ killCursors: 'c', cursors })).toEqual({ code });
  });
});
