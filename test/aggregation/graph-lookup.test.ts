/** `$graphLookup`, as a driver sees it. */
import type { Document } from 'mongodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { failureOf, startShop } from '../support/shop.ts';

type Row = Document & { _id: number | string };

const { db } = await startShop();

const airports = [
  { _id: 0, airport: 'JFK', to: ['BOS', 'ORD'] },
  { _id: 1, airport: 'BOS', to: ['JFK', 'PWM'] },
  { _id: 2, airport: 'ORD', to: ['JFK'] },
  { _id: 3, airport: 'PWM', to: ['BOS', 'LHR'] },
  { _id: 4, airport: 'LHR', to: ['PWM'] },
];

beforeAll(async () => {
  await db.collection<Row>('airports').insertMany(airports);
  await db
    .collection<Row>('travellers')
    .insertMany([{ _id: 1, at: 'JFK' }, { _id: 2, at: ['LHR', 'ORD'] }, { _id: 3 }]);
  await db.createCollection('american', {
    viewOn: 'airports',
    pipeline: [{ $match: { airport: { $ne: 'LHR' } } }],
  });
});

const flights = {
  from: 'airports',
  startWith: '$at',
  connectFromField: 'to',
  connectToField: 'airport',
  as: 'found',
};

function reach(more: Document = {}, ...stages: Document[]): Promise<Document[]> {
  return db
    .collection('travellers')
    .aggregate([{ $sort: { _id: 1 } }, { $graphLookup: { ...flights, ...more } }, ...stages])
    .toArray();
}

async function reached(more: Document = {}): Promise<unknown[]> {
  return (await reach(more)).map(({ found }) => found.map((one: Document) => one.airport));
}

/** By a scan and a table, and by an index. */
describe.each(['a table', 'an index'])('$graphLookup by %s', (way) => {
  beforeAll(async () => {
    if (way === 'an index') await db.collection('airports').createIndex({ airport: 1 });
  });

  test('finds all that can be reached, each once, though there are cycles', async () => {
    const [first, second, third] = await reached();
    expect(first).toEqual(['JFK', 'BOS', 'ORD', 'PWM', 'LHR']);
    expect(new Set(second as string[])).toEqual(new Set(['LHR', 'ORD', 'PWM', 'JFK', 'BOS']));
    expect(third).toEqual([]);
  });

  test('goes so deep and no deeper, and tells the depth', async () => {
    const [first] = await reach({ maxDepth: 1, depthField: 'way.steps' });
    expect(first?.found.map(({ airport, way }: Document) => [airport, way.steps])).toEqual([
      ['JFK', 0],
      ['BOS', 1],
      ['ORD', 1],
    ]);
    expect(await reached({ maxDepth: 0 })).toEqual([['JFK'], expect.any(Array), []]);
  });

  test('goes over documents that match only', async () => {
    const restrictSearchWithMatch = { airport: { $ne: 'BOS' } };
    expect((await reached({ restrictSearchWithMatch }))[0]).toEqual(['JFK', 'ORD']);
  });

  test('reads views', async () => {
    expect((await reached({ from: 'american' }))[0]).toEqual(['JFK', 'BOS', 'ORD', 'PWM']);
    expect((await reached({ from: 'nowhere' }))[0]).toEqual([]);
  });
});

describe('$graphLookup', () => {
  test('follows null to documents that have nothing', async () => {
    await db.collection<Row>('nulls').insertMany([
      { _id: 1, parent: null },
      { _id: 2, id: null },
    ]);
    const found = await db
      .collection('nulls')
      .aggregate([
        { $match: { _id: 1 } },
        {
          $graphLookup: {
            from: 'nulls',
            startWith: '$parent',
            connectFromField: 'parent',
            connectToField: 'id',
            as: 'found',
          },
        },
      ])
      .toArray();
    expect(found[0]?.found.map(({ _id }: Row) => _id)).toEqual([1, 2]);
  });

  test('is one with an $unwind of what it adds', async () => {
    const unwind = { path: '$found', includeArrayIndex: 'n', preserveNullAndEmptyArrays: true };
    const found = await reach(
      { maxDepth: 0 },
      { $unwind: unwind },
      { $match: { _id: { $ne: 2 } } },
    );
    expect(found).toEqual([
      { _id: 1, at: 'JFK', found: airports[0], n: 0 },
      { _id: 3, n: null },
    ]);
  });

  test('names the variables of a pipeline around it', async () => {
    const graph = {
      $graphLookup: { ...flights, restrictSearchWithMatch: { $expr: { $ne: ['$_id', '$$not'] } } },
    };
    const found = await db
      .collection('travellers')
      .aggregate([
        { $match: { _id: 1 } },
        {
          $lookup: {
            from: 'travellers',
            let: { not: '$_id' },
            pipeline: [{ $match: { _id: 1 } }, graph],
            as: 'j',
          },
        },
      ])
      .toArray();
    expect(found[0]?.j[0].found.map(({ _id }: Row) => _id)).toEqual([0, 2]);
  });

  test('compares by the collation of the command', async () => {
    await db.collection<Row>('cased').insertMany([
      { _id: 'A', to: 'b' },
      { _id: 'B', to: 'a' },
    ]);
    const found = await db
      .collection('cased')
      .aggregate(
        [
          { $match: { _id: 'A' } },
          {
            $graphLookup: {
              from: 'cased',
              startWith: '$to',
              connectFromField: 'to',
              connectToField: '_id',
              as: 'found',
            },
          },
        ],
        { collation: { locale: 'en', strength: 2 } },
      )
      .toArray();
    expect(found[0]?.found.map(({ _id }: Row) => _id)).toEqual(['B', 'A']);
  });

  test('ends when what it found takes too much memory', async () => {
    const chain = Array.from({ length: 11 }, (_, n) => ({ _id: n, next: n + 1 }));
    await db.collection<Row>('chain').insertMany(chain);
    const large = 'x'.repeat(10_000_000);
    await db.createCollection('large', { viewOn: 'chain', pipeline: [{ $set: { large } }] });
    const graph = {
      from: 'large',
      startWith: chain.map(({ _id }) => _id),
      connectFromField: 'next',
      connectToField: '_id',
      as: 'found',
    };
    const work = db
      .collection('travellers')
      .aggregate([{ $limit: 1 }, { $graphLookup: graph }, { $count: 'n' }]);
    const [code, message] = await failureOf(work.toArray());
    expect([code, message]).toEqual([
      40099,
      expect.stringContaining('$graphLookup reached maximum memory consumption'),
    ]);
  });

  test.each<[unknown, number, string]>([
    [1, 9, 'the $graphLookup stage specification must be an object, but found int'],
    [{}, 9, "missing 'from' option to $graphLookup stage specification"],
    [{ from: 1 }, 9, "$graphLookup 'from' field must be a string, but found int"],
    [
      { from: 'x' },
      40105,
      "$graphLookup requires 'from', 'as', 'startWith', 'connectFromField', and 'connectToField' to be specified.",
    ],
    [{ ...flights, as: 1 }, 40103, 'expected string as argument for as, found: int'],
    [{ ...flights, x: 1 }, 40104, 'Unknown argument to $graphLookup: x'],
    [{ ...flights, maxDepth: 'x' }, 40100, 'maxDepth must be numeric, found type: string'],
    [{ ...flights, maxDepth: -1 }, 40101, 'maxDepth requires a nonnegative argument, found: -1'],
    [{ ...flights, maxDepth: 1.5 }, 40102, 'maxDepth could not be represented as a long long: 1'],
    [
      { ...flights, restrictSearchWithMatch: 1 },
      40185,
      'restrictSearchWithMatch must be an object, found int',
    ],
    [
      { ...flights, restrictSearchWithMatch: { $x: 1 } },
      2,
      "Failed to parse 'restrictSearchWithMatch' option to $graphLookup :: caused by :: unknown top level operator: $x. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.",
    ],
    [{ ...flights, depthField: 'a.' }, 40353, "FieldPath must not end with a '.'."],
  ])('refuses %j', async (spec, code, message) => {
    const work = db
      .collection('travellers')
      .aggregate([{ $graphLookup: spec }])
      .toArray();
    expect(await failureOf(work)).toEqual([code, message]);
  });
});
