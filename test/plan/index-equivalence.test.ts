import { Double, Long, ObjectId } from 'bson';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MongoServerError } from '../../src/errors/index.ts';
import { PlanExecutor, planQuery } from '../../src/plan/index.ts';
import { borrowRecord } from '../../storage/index.ts';
import {
  collectionOf,
  type Document,
  type IndexSpec,
  requestOf,
  resultsOf,
  type TestCollection,
} from './test-collection.ts';

const scalar = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -2, max: 4 }) },
  { weight: 2, arbitrary: fc.constantFrom('', 'a', 'ab', 'b', 'bc') },
  { weight: 1, arbitrary: fc.constantFrom(null, true, false) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      1.5,
      Number.NaN,
      new Double(2),
      Long.fromNumber(3),
      new Date(0),
      new ObjectId('000000000000000000000001'),
      Number.POSITIVE_INFINITY,
    ),
  },
);
const shallow = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 2, arbitrary: fc.array(scalar, { maxLength: 3 }) },
  {
    weight: 2,
    arbitrary: fc.array(fc.integer({ min: -2, max: 4 }), { minLength: 2, maxLength: 3 }),
  },
  { weight: 1, arbitrary: fc.dictionary(fc.constantFrom('x', 'y'), scalar, { maxKeys: 2 }) },
);
const value = fc.oneof(
  { weight: 5, arbitrary: shallow },
  {
    weight: 1,
    arbitrary: fc.array(fc.dictionary(fc.constantFrom('x', 'y'), shallow, { maxKeys: 2 }), {
      maxLength: 3,
    }),
  },
  { weight: 1, arbitrary: fc.array(fc.array(scalar, { maxLength: 2 }), { maxLength: 2 }) },
);
/** Scalars only: indexes over these are not multikey, and bounds are used to the full. */
const flatDocument = fc.dictionary(fc.constantFrom('a', 'b', 'c'), scalar, { maxKeys: 3 });
const deepDocument = fc.dictionary(fc.constantFrom('a', 'b'), value, { maxKeys: 2 });

const path = fc.constantFrom('a', 'a', 'a', 'a', 'b', 'b', 'a.x', 'a.y', 'b.x', 'a.0');
const small = fc.integer({ min: -2, max: 4 });
const rule = fc.oneof(
  scalar,
  scalar.map((v) => ({ $eq: v })),
  fc
    .tuple(fc.constantFrom('$gt', '$gte', '$lt', '$lte', '$ne'), shallow)
    .map(([op, v]) => ({ [op]: v })),
  fc
    .tuple(fc.constantFrom('$in', '$nin'), fc.array(shallow, { maxLength: 3 }))
    .map(([op, v]) => ({ [op]: v })),
  {
    weight: 4,
    arbitrary: fc.tuple(small, small).map(([a, b]) => ({ $gte: a, $lt: b })),
  },
  fc.boolean().map((exists) => ({ $exists: exists })),
  scalar.map((v) => ({ $not: { $gt: v } })),
  fc.constantFrom({ $regex: '^a' }, { $regex: '^ab?' }, { $regex: 'b' }, { $in: [/^b/, 1] }),
  fc.tuple(scalar, scalar).map(([a, b]) => ({ $elemMatch: { $gte: a, $lte: b } })),
  scalar.map((v) => ({ $elemMatch: { x: v, y: { $ne: v } } })),
  fc.array(scalar, { minLength: 1, maxLength: 2 }).map((all) => ({ $all: all })),
  fc.constantFrom({ $size: 1 }, { $type: 'int' }, { $type: 'array' }),
  shallow,
);
const leaf = fc.tuple(path, rule).map(([name, test]): Document => ({ [name]: test }));
const filter = fc.oneof(
  { weight: 4, arbitrary: leaf },
  { weight: 4, arbitrary: fc.tuple(leaf, leaf).map(([a, b]): Document => ({ ...a, ...b })) },
  { weight: 2, arbitrary: fc.tuple(leaf, leaf).map(([a, b]): Document => ({ $or: [a, b] })) },
  {
    weight: 2,
    arbitrary: fc.tuple(leaf, leaf, leaf).map(([a, b, c]): Document => ({ $and: [a, b], ...c })),
  },
  { weight: 1, arbitrary: fc.tuple(leaf, leaf).map(([a, b]): Document => ({ $nor: [a], ...b })) },
);
const direction = fc.constantFrom<1 | -1>(1, -1);
const pattern = fc
  .uniqueArray(
    fc.tuple(
      path.filter((name) => name !== 'a.0'),
      direction,
    ),
    {
      minLength: 1,
      maxLength: 3,
      selector: ([name]) => name,
    },
  )
  .chain((fields) => fc.tuple(fc.constant(fields), fc.nat(fields.length * 3)))
  .map(([fields, hashed]) =>
    Object.fromEntries(
      fields.map(([name, turn], at): [string, 1 | -1 | 'hashed'] => [
        name,
        at === hashed ? 'hashed' : turn,
      ]),
    ),
  );

/** An index without a key for every document is chosen only where it misses nothing. */
const options = fc.constantFrom<Omit<IndexSpec, 'key'>>(
  {},
  {},
  { sparse: true },
  { partialFilterExpression: { a: { $exists: true } } },
  { partialFilterExpression: { a: { $gte: 0 } } },
  { partialFilterExpression: { a: null } },
  { partialFilterExpression: { a: { $in: [0, 1, null, 'a'] } } },
  { partialFilterExpression: { $or: [{ a: { $lt: 2 } }, { b: { $gt: 1 } }] } },
  { partialFilterExpression: { a: { $gt: -1, $lte: 3 }, b: { $exists: true } } },
);

/** Wildcard indexes, of which most are no index on what is asked. */
const wildcards = fc.constantFrom<IndexSpec>(
  { key: { '$**': 1 } },
  { key: { '$**': -1 } },
  { key: { 'a.$**': 1 } },
  { key: { '$**': 1 }, wildcardProjection: { a: 1, 'b.x': 1 } },
  { key: { '$**': 1 }, wildcardProjection: { 'a.x': 0, c: 0 } },
  { key: { '$**': 1 }, partialFilterExpression: { a: { $gte: 0 } } },
  { key: { c: 1, 'a.$**': 1 } },
  { key: { 'a.$**': 1, c: -1 } },
  { key: { c: 1, '$**': -1, d: 1 }, wildcardProjection: { c: 0, d: 0 } },
);

/** Results of one plan, by `_id`. */
async function run(
  collection: TestCollection,
  request: ReturnType<typeof requestOf>,
): Promise<unknown[]> {
  const executor = new PlanExecutor(planQuery(request).root, collection.engine.latest);
  return (await resultsOf(executor)).map((document) => document._id);
}

async function build(documents: Document[], spec: IndexSpec): Promise<TestCollection | undefined> {
  try {
    return await collectionOf(documents, [spec]);
  } catch (error) {
    // Parallel arrays, ambiguous names: no such collection exists.
    if (error instanceof MongoServerError && [171, 16746, 16766, 7246301].includes(error.code))
      return undefined;
    throw error;
  }
}

for (const [kind, document] of [
  ['scalars', flatDocument],
  ['arrays and documents', deepDocument],
] as const) {
  test(`an index finds what a scan of the collection finds, over ${kind}`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(document, { minLength: 3, maxLength: 12 }),
        pattern,
        options,
        fc.array(filter, { minLength: 1, maxLength: 4 }),
        async (documents, key, option, filters) => {
          const collection = await build(documents, { key, ...option });
          fc.pre(collection !== undefined);
          const hint = collection.info.indexes[1]!.name;
          for (const one of filters) {
            const scanned = await run(
              collection,
              requestOf(collection.info, { filter: one, hint: { kind: 'natural', direction: 1 } }),
            );
            const hinted = await run(
              collection,
              requestOf(collection.info, { filter: one, hint: { kind: 'name', name: hint } }),
            );
            if (Object.keys(option).length === 0) {
              expect(hinted.sort(), JSON.stringify(one)).toEqual(scanned.sort());
            } else expect(scanned, JSON.stringify(one)).toEqual(expect.arrayContaining(hinted));
            const chosen = await run(collection, requestOf(collection.info, { filter: one }));
            expect(chosen.sort(), JSON.stringify(one)).toEqual(scanned.sort());
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  test(`a wildcard index finds what a scan finds, in the order of a sort, over ${kind}`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(document, { minLength: 3, maxLength: 12 }),
        wildcards,
        fc.array(filter, { minLength: 1, maxLength: 4 }),
        path.filter((name) => name !== 'a.0'),
        async (documents, spec, filters, name) => {
          const collection = await build(documents, spec);
          fc.pre(collection !== undefined);
          const natural = { kind: 'natural', direction: 1 } as const;
          for (const one of filters) {
            const plain = requestOf(collection.info, { filter: one });
            const scanned = await run(collection, { ...plain, hint: natural });
            expect((await run(collection, plain)).sort(), JSON.stringify(one)).toEqual(
              scanned.sort(),
            );
            const request = requestOf(collection.info, { filter: one, sort: { [name]: 1 } });
            const keys = (ids: unknown[]) =>
              ids.map((id) => sortKey(collection, request, id as number));
            const sorted = keys(await run(collection, { ...request, hint: natural }));
            expect(keys(await run(collection, request)), JSON.stringify(one)).toEqual(sorted);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  test(`an index in the order asked for gives the order of a sort, over ${kind}`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(document, { maxLength: 10 }),
        pattern,
        options,
        filter,
        fc.constantFrom<1 | -1>(1, -1),
        fc.integer({ min: 0, max: 2 }),
        async (documents, key, option, one, turn, skipped) => {
          const collection = await build(documents, { key, ...option });
          fc.pre(collection !== undefined);
          const names = Object.keys(key).slice(Math.min(skipped, Object.keys(key).length - 1));
          const sort = Object.fromEntries(
            names.map((name) => [name, ((key[name] === -1 ? -1 : 1) * turn) as 1 | -1]),
          );
          const request = requestOf(collection.info, { filter: one, sort });
          const natural = { kind: 'natural', direction: 1 } as const;
          let sorted: unknown[];
          try {
            sorted = await run(collection, { ...request, hint: natural });
          } catch (error) {
            if (error instanceof MongoServerError) return;
            throw error;
          }
          const byIndex = await run(collection, request);
          expect([...byIndex].sort()).toEqual([...sorted].sort());
          // Documents that compare equal may come in any order: compare the sort keys.
          const keys = (ids: unknown[]) =>
            ids.map((id) => sortKey(collection, request, id as number));
          expect(keys(byIndex), JSON.stringify(one)).toEqual(keys(sorted));
        },
      ),
      { numRuns: 400 },
    );
  });
}

function sortKey(
  collection: TestCollection,
  request: ReturnType<typeof requestOf>,
  id: number,
): string {
  const record = borrowRecord(collection.engine.latest, collection.info, id)!;
  return request.sort!.keyOf(record.buffer, record.start).toString('hex');
}
