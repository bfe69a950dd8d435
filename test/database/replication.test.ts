import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeDocument, encodeDocument, encodeValue } from '../../src/bson/index.ts';
import {
  alterIndex,
  changeOptions,
  convertToCapped,
  createCollection,
  createIndexes,
  dropCollection,
  dropDatabase,
  dropIndexes,
  encodeOptions,
  entryGtid,
  insertMany,
  renameCollection,
  retryableWriteOf,
  runDelete,
  runUpdate,
  updateHooks,
} from '../../src/database/index.ts';
import { parseFilter, parseUpdate } from '../../src/query/index.ts';
import {
  contents,
  openMember,
  openPrimary,
  operation,
  raw,
  retryable,
  type TestMember,
} from './support/member.ts';

type Step = (member: TestMember) => Promise<unknown>;

const names = ['a.one', 'a.two', 'b.one'];

function insert(namespace: string, documents: Record<string, unknown>[], txn?: number): Step {
  return ({ database }) =>
    insertMany(database, txn === undefined ? operation() : retryable(txn), {
      namespace,
      documents: documents.map(raw),
      ordered: false,
    });
}

function remove(namespace: string, filter: Record<string, unknown>, multi: boolean): Step {
  return ({ database }) => {
    const filterSpec = raw(filter);
    return runDelete(database, operation(), {
      namespace,
      filterSpec,
      filter: parseFilter(filterSpec.buffer, 0),
      multi,
    });
  };
}

type Change = Record<string, unknown> | readonly Record<string, unknown>[];

const changes: Change[] = [
  { $inc: { a: 1 } },
  { $set: { b: [1, 2, { c: 1 }] } },
  { $set: { a: [0, 1.5] } },
  { $unset: { a: '' } },
  { $push: { b: 9 } },
  { $rename: { a: 'b' } },
  { $set: { 'c.d': 1 } },
  { a: 3, z: 1 },
  { $setOnInsert: { b: 4 }, $set: { e: 'long '.repeat(20) } },
  [{ $set: { b: '$a', c: { d: '$_id' } } }, { $unset: 'e' }],
  [{ $replaceWith: { _id: '$_id', b: '$b', a: { $ifNull: ['$a', 1] } } }],
  [{ $project: { a: 1, l: ['$b', '$a'] } }],
];

function change(
  namespace: string,
  filter: Record<string, unknown>,
  update: Change,
  options: { readonly multi: boolean; readonly upsert: boolean; readonly txn?: number },
): Step {
  const { txn, upsert } = options;
  const isOperators = Array.isArray(update) || Object.keys(update)[0]?.startsWith('$') === true;
  return ({ database }) => {
    const filterSpec = raw(filter);
    const context = txn === undefined ? operation() : retryable(txn);
    return runUpdate(
      database,
      context,
      {
        namespace,
        filterSpec,
        filter: parseFilter(filterSpec.buffer, 0),
        update: parseUpdate(encodeValue(update), { upsert }),
        multi: options.multi && isOperators && txn === undefined,
        upsert,
      },
      updateHooks(retryableWriteOf(context), txn ?? 0, () => {}),
    );
  };
}

const indexOptions: readonly Record<string, unknown>[] = [
  {},
  { unique: true },
  { sparse: true },
  { sparse: true, unique: true },
  { partialFilterExpression: { a: { $gt: 1 } } },
  { partialFilterExpression: { b: { $exists: true }, a: { $type: 'int' } }, unique: true },
];

function index(namespace: string, key: Record<string, unknown>, option: number): Step {
  const name = `${Object.entries(key).flat().join('_')} ${option}`;
  return ({ database }) =>
    createIndexes(database, operation(), namespace, [raw({ key, name, ...indexOptions[option] })]);
}

const value = fc.oneof(
  fc.integer({ min: 0, max: 5 }),
  fc.constantFrom('x', 'y', null, 1.5, true),
  fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
);
const document = fc.record(
  { _id: fc.integer({ min: 0, max: 12 }), a: value, b: value },
  { requiredKeys: ['_id'] },
);
const measurement = fc
  .tuple(document, fc.integer({ min: 0, max: 9 }))
  .map(([fields, ms]) => ({ ...fields, t: new Date(ms) }));
const namespace = fc.constantFrom(...names, 'a.one', 'a.one', 'a.one', 'b.one');

const filter = fc.oneof(
  fc.integer({ min: 0, max: 12 }).map((_id) => ({ _id })),
  fc.integer({ min: 0, max: 5 }).map((a) => ({ a })),
  fc.constant({}),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 18,
    arbitrary: fc
      .tuple(
        namespace,
        filter,
        fc.constantFrom(...changes),
        fc.record({ multi: fc.boolean(), upsert: fc.boolean() }),
        fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
      )
      .map(([ns, which, update, options, txn]) =>
        change(ns, which, update, { ...options, ...(txn === undefined ? {} : { txn }) }),
      ),
  },
  {
    weight: 18,
    arbitrary: fc
      .tuple(namespace, fc.array(document, { minLength: 1, maxLength: 4 }))
      .map(([ns, documents]) => insert(ns, documents)),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        namespace,
        fc.array(document, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 3 }),
      )
      .map(([ns, documents, txn]) => insert(ns, documents, txn)),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(namespace, fc.integer({ min: 0, max: 5 }), fc.boolean())
      .map(([ns, a, multi]) => remove(ns, { a }, multi)),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        namespace,
        fc.constantFrom<Record<string, unknown>>(
          { a: 1 },
          { b: -1 },
          { a: 1, b: 1 },
          { b: 'hashed' },
          { '$**': 1 },
        ),
        fc.nat(indexOptions.length - 1),
      )
      .map(([ns, key, option]) => index(ns, key, option)),
  },
  {
    weight: 1,
    arbitrary: namespace.map(
      (ns): Step =>
        ({ database }) =>
          dropCollection(database, operation(), ns),
    ),
  },
  {
    weight: 1,
    arbitrary: namespace.map(
      (ns): Step =>
        ({ database }) =>
          dropIndexes(database, operation(), ns, '*'),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(namespace, namespace, fc.boolean()).map(
      ([from, to, drop]): Step =>
        ({ database }) =>
          renameCollection(database, operation(), from, to, { dropTarget: drop }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(namespace, fc.integer({ min: 1, max: 4 })).map(
      ([ns, max]): Step =>
        ({ database }) =>
          createCollection(
            database,
            operation(),
            ns,
            encodeOptions({ capped: true, size: 200, max }),
          ),
    ),
  },
  {
    weight: 1,
    arbitrary: namespace.map(
      (ns): Step =>
        ({ database }) =>
          createCollection(
            database,
            operation(),
            ns,
            encodeOptions({ clusteredIndex: { v: 2, key: { _id: 1 }, name: 'own', unique: true } }),
          ),
    ),
  },
  {
    weight: 3,
    arbitrary: namespace.map(
      (ns): Step =>
        ({ database }) =>
          createCollection(
            database,
            operation(),
            ns,
            encodeOptions({
              timeseries: {
                timeField: 't',
                metaField: 'a',
                granularity: 'seconds',
                bucketMaxSpanSeconds: 3600,
              },
            }),
          ),
    ),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(namespace, fc.array(measurement, { minLength: 1, maxLength: 4 }))
      .map(([ns, measurements]) => insert(ns, measurements)),
  },
  {
    weight: 1,
    arbitrary: namespace.map(
      (ns): Step =>
        ({ database }) =>
          convertToCapped(database, operation(), ns, 100),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(namespace, fc.integer({ min: 1, max: 3 })).map(
      ([ns, max]): Step =>
        ({ database }) =>
          changeOptions(database, operation(), ns, () => ({ max })),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(namespace, fc.constantFrom<unknown>({ a: { $exists: true } }, {})).map(
      ([ns, validator]): Step =>
        ({ database }) =>
          changeOptions(database, operation(), ns, () => ({ validator })),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Step>(({ database }) => dropDatabase(database, operation(), 'a')),
  },
);

/** Errors a client would get are part of the history: they must leave nothing behind. */
async function attempt(each: Step, member: TestMember): Promise<void> {
  try {
    await each(member);
  } catch (error) {
    if ((error as Error).name !== 'MongoServerError') throw error;
  }
}

async function copyTo(secondary: TestMember, from: TestMember): Promise<void> {
  for (const { bytes } of from.entries) await secondary.database.appendReplicated([bytes]);
}

describe('entries of the oplog', () => {
  test('applied on another member they leave the same bytes in every table', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 15, maxLength: 60, size: 'max' }),
        async (steps) => {
          const primary = await openPrimary();
          for (const each of steps) await attempt(each, primary);
          const secondary = await openMember();
          await copyTo(secondary, primary);
          expect(contents(secondary.engine)).toEqual(contents(primary.engine));
          expect(secondary.database.lastHash).toBe(primary.database.lastHash);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('undone, newest first, they leave the bytes of every earlier moment', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 15, maxLength: 40, size: 'max' }),
        fc.nat(),
        async (steps, seed) => {
          const primary = await openPrimary();
          const moments = new Map<number, string[]>();
          await attempt(insert('a.one', [{ _id: 100 }]), primary);
          for (const each of steps) {
            moments.set(primary.entries.length, contents(primary.engine));
            await attempt(each, primary);
          }
          const [count, before] = [...moments][seed % moments.size] as [number, string[]];
          const target = entryGtid(primary.entries[count - 1]!.bytes);
          await primary.database.undoSlice(target, 10_000);
          expect(contents(primary.engine)).toEqual(before);
          expect(primary.database.lastAppended).toEqual(target);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('a document that bypassed a validator is not refused by another member', async () => {
    const primary = await openPrimary();
    const validator = { a: { $exists: true } };
    await createCollection(primary.database, operation(), 'a.one', encodeOptions({ validator }));
    const request = { namespace: 'a.one', documents: [raw({ _id: 1 })], ordered: true };
    const refused = await insertMany(primary.database, operation(), request);
    expect(refused.writeErrors).toMatchObject([{ code: 121 }]);
    await insertMany(primary.database, operation(), { ...request, bypassValidation: true });
    const secondary = await openMember();
    await copyTo(secondary, primary);
    expect(contents(secondary.engine)).toEqual(contents(primary.engine));
  });

  test('an entry that does not continue the log is refused and leaves nothing behind', async () => {
    const primary = await openPrimary();
    await insert('a.one', [{ _id: 1 }])(primary);
    await insert('a.one', [{ _id: 2 }])(primary);
    const secondary = await openMember();
    const [create, , second] = primary.entries;
    await secondary.database.appendReplicated([create!.bytes]);
    const before = contents(secondary.engine);
    await expect(secondary.database.appendReplicated([second!.bytes])).rejects.toThrow(
      'does not continue this log',
    );
    expect(contents(secondary.engine)).toEqual(before);
    expect(secondary.database.lastAppended).toEqual(create!.gtid);
  });

  test('an index that is hidden is so on every member, and undo shows it again', async () => {
    const primary = await openPrimary();
    await insert('a.one', [{ _id: 1, x: 1 }])(primary);
    const spec = raw({ key: { x: 1 }, name: 'x_1' });
    await createIndexes(primary.database, operation(), 'a.one', [spec]);
    const before = contents(primary.engine);
    const target = primary.entries.at(-1)!.gtid;

    expect(
      await alterIndex(primary.database, operation(), 'a.one', 'x_1', { hidden: true }),
    ).toEqual({ hidden_old: false, hidden_new: true });

    const secondary = await openMember();
    for (const { bytes } of primary.entries) await secondary.database.appendReplicated([bytes]);
    expect(contents(secondary.engine)).toEqual(contents(primary.engine));
    const shown = secondary.database.catalog.byNamespace('a.one')!.indexes[1]!;
    expect(decodeDocument(shown.spec)).toMatchObject({ name: 'x_1', hidden: true });
    await secondary.database.undoSlice(target, 10);
    expect(contents(secondary.engine)).toEqual(before);
  });

  test('undo takes nothing away before what it removes is safe', async () => {
    const primary = await openPrimary();
    await insert('a.one', [{ _id: 1 }])(primary);
    const target = primary.entries.at(-1)!.gtid;
    await insert('a.one', [{ _id: 2, x: 'lost' }])(primary);
    const saved: string[] = [];
    const before = contents(primary.engine);
    const { removed } = await primary.database.undoSlice(target, 10, async (documents) => {
      await primary.engine.flushed();
      expect(contents(primary.engine)).toEqual(before);
      for (const { namespace: ns, document: bytes } of documents) {
        saved.push(`${ns} ${bytes.equals(encodeDocument({ _id: 2, x: 'lost' }))}`);
      }
    });
    expect(saved).toEqual(['a.one true']);
    expect(removed).toHaveLength(1);
  });
});
