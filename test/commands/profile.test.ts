/** profile and system.profile, as a driver sees them. */
import type { Document } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

const { client, db } = await startShop({ appName: 'shopkeeper' });

beforeEach(async () => {
  await db.command({ profile: 0, slowms: 100, sampleRate: 1, filter: 'unset' });
  await db.dropDatabase();
});

async function failure(command: Document): Promise<Record<string, unknown>> {
  return db.command(command).then(
    () => ({ code: 0 }),
    ({ code, errmsg }) => ({ code, errmsg }),
  );
}

async function entries(filter: Document = {}): Promise<Document[]> {
  return await db.collection('system.profile').find(filter).toArray();
}

describe('profile', () => {
  test('answers what was, and keeps what is not said', async () => {
    expect(await db.command({ profile: 1, slowms: 250, sampleRate: 0.5 })).toEqual({
      was: 0,
      slowms: 100,
      sampleRate: 1,
      ok: 1,
    });
    expect(await db.command({ profile: -1 })).toMatchObject({
      was: 1,
      slowms: 250,
      sampleRate: 0.5,
    });
    // The level is the database's, the rest is everybody's.
    expect(await client.db('other').command({ profile: -1 })).toMatchObject({
      was: 0,
      slowms: 250,
    });
    expect(await db.command({ profile: 0, filter: { millis: { $gt: 5 } } })).not.toHaveProperty(
      'filter',
    );
    expect(await db.command({ profile: -1 })).toMatchObject({
      filter: { millis: { $gt: 5 } },
      note: 'When a filter expression is set, slowms and sampleRate are not used for profiling and slow-query log lines.',
    });
  });

  test('shows a getMore with the comment of the command that opened its cursor', async () => {
    await db.collection('things').insertMany([{}, {}, {}, {}] as Document[]);
    await db.command({ profile: 2 });
    const comment = { who: 'me' };
    const { cursor } = await db.command({ find: 'things', batchSize: 1, comment });
    const getMore = { getMore: cursor.id, collection: 'things', batchSize: 1 };
    await db.command(getMore);
    await db.command({ ...getMore, comment: 'own' });
    await db.command({ profile: 0 });
    const shown = await entries({ op: 'getmore' });
    expect(shown.map(({ command }) => command.comment)).toEqual([comment, 'own']);
  });

  const rate = "'sampleRate' must be between 0.0 and 1.0 inclusive";
  const noFilter = "Expected an object, or the string 'unset'.";
  test.each<[Document, number, string]>([
    [{ profile: 0, sampleRate: 1.1 }, 2, rate],
    [{ profile: 0, sampleRate: -0.1 }, 2, rate],
    [{ profile: 1, filter: 'hello' }, 2, noFilter],
    [{ profile: 1, filter: null }, 2, noFilter],
    [{ profile: 1, filter: [] }, 2, noFilter],
    [
      { profile: 1, filter: { $bad: 1 } },
      2,
      "unknown top level operator: $bad. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.",
    ],
    [{ profile: 0, x: 1 }, 40415, "BSON field 'profile.x' is an unknown field."],
  ])('%j: %i', async (command, code, errmsg) => {
    expect(await failure(command)).toEqual({ code, errmsg });
  });
});

describe('system.profile', () => {
  test('holds every operation at level 2, in order, and none at level 0', async () => {
    await db.command({ profile: 2 });
    await db.collection('things').insertMany([{ a: 1 }, { a: 2 }]);
    await db.collection('things').find({ a: 1 }, { comment: 'here' }).toArray();
    await failure({ find: 'things', filter: { $bad: 1 } });
    await db.command({ profile: 0 });
    await db.collection('things').findOne({});
    const found = await entries({ ns: 'shop.things' });
    expect(found).toMatchObject([
      { op: 'insert', ns: 'shop.things', ninserted: 2, protocol: 'op_msg', client: '127.0.0.1' },
      {
        op: 'query',
        command: { find: 'things', filter: { a: 1 }, comment: 'here' },
        nreturned: 1,
        cursorExhausted: true,
        appName: 'shopkeeper',
      },
      { op: 'query', errName: 'BadValue', errCode: 2, ok: 0 },
    ]);
    for (const { millis, ts } of found) {
      expect(millis).toBeGreaterThanOrEqual(0);
      expect(ts).toBeInstanceOf(Date);
    }
  });

  test('holds the slow ones at level 1, or those the filter matches', async () => {
    await db.command({ profile: 1, slowms: 60_000 });
    await db.collection('things').insertOne({ a: 1 });
    expect(await entries()).toEqual([]);
    await db.command({ profile: 1, filter: { 'command.find': 'things' } });
    expect(await db.command({ profile: -1 })).toMatchObject({
      filter: { 'command.find': { $eq: 'things' } },
    });
    await db.collection('things').findOne({});
    await db.collection('things').insertOne({ a: 1 });
    expect(await entries()).toMatchObject([{ op: 'query', command: { find: 'things' } }]);
    await db.command({ profile: 1, slowms: 0, sampleRate: 0, filter: 'unset' });
    await db.collection('things').findOne({});
    expect(await entries()).toHaveLength(1);
  });

  test('is a capped collection of the size it was created with', async () => {
    await db.createCollection('system.profile', { capped: true, size: 4096 });
    await db.command({ profile: 2 });
    for (let at = 0; at < 50; at++) await db.collection('things').findOne({ at });
    await db.command({ profile: 0 });
    const found = await entries();
    expect(found.at(-1)).toMatchObject({ command: { filter: { at: 49 } } });
    expect(found.length).toBeLessThan(20);
    const [info] = await db.listCollections({ name: 'system.profile' }).toArray();
    expect(info).toHaveProperty('options', { capped: true, size: 4096 });
    expect(await db.command({ collStats: 'system.profile' })).toMatchObject({
      count: found.length,
      capped: true,
      maxSize: 4096,
    });
  });

  test('is dropped while nothing is profiled, and written by nobody else', async () => {
    await db.command({ profile: 2 });
    expect(await failure({ drop: 'system.profile' })).toEqual({
      code: 20,
      errmsg: 'turn off profiling before dropping system.profile collection',
    });
    await db.command({ profile: 0 });
    await db.command({ drop: 'system.profile' });
    expect(await db.listCollections().toArray()).toEqual([]);
    await expect(db.collection('system.profile').insertOne({ a: 1 })).rejects.toMatchObject({
      code: 73,
      errmsg: 'cannot write to shop.system.profile',
    });
  });
});
