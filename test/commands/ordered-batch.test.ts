import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeDocument } from '../../src/bson/index.ts';
import { runStatements } from '../../src/commands/documents/run-statements.ts';
import {
  createIndexes,
  deleteHooks,
  insertMany,
  retryableWriteOf,
  runDelete,
  runUpdate,
  type StatementPlace,
  updateHooks,
} from '../../src/database/index.ts';
import { parseFilter, parseUpdate } from '../../src/query/index.ts';
import {
  contents,
  openPrimary,
  operation,
  raw,
  retryable,
  type TestMember,
} from '../database/support/member.ts';

type Fields = Record<string, unknown>;
type Statement =
  | { readonly q: Fields; readonly u: Fields; readonly multi: boolean; readonly upsert: boolean }
  | { readonly q: Fields; readonly limit: 0 | 1 };

interface Batch {
  readonly member: TestMember;
  readonly statements: readonly Statement[];
  readonly ordered?: boolean;
  readonly inFlight: number;
  readonly txnNumber?: number;
}

/** Ids 0 to 9 with `u` unique, so that a statement may fail in the middle. */
async function memberWithData(count = 10): Promise<TestMember> {
  const member = await openPrimary();
  await insertMany(member.database, operation(), {
    namespace: 'a.c',
    documents: Array.from({ length: count }, (_, _id) => raw({ _id, u: _id, n: 0 })),
    ordered: true,
  });
  await createIndexes(member.database, operation(), 'a.c', [
    raw({ key: { u: 1 }, name: 'u_1', unique: true }),
  ]);
  return member;
}

function run({ member, statements, ordered = true, inFlight, txnNumber }: Batch) {
  const { database } = member;
  const context = txnNumber === undefined ? operation() : retryable(txnNumber);
  const write = retryableWriteOf(context);
  return runStatements<object>(statements.length, { ordered, inFlight }, (index, place) => {
    const each = statements[index]!;
    const filterSpec = raw(each.q);
    const common = { namespace: 'a.c', filterSpec, filter: parseFilter(filterSpec.buffer, 0) };
    if ('limit' in each) {
      const request = { ...common, multi: each.limit === 0 };
      return runDelete(database, context, request, {
        ...deleteHooks(write, index, () => {}),
        place,
      });
    }
    const update = parseUpdate(raw(each.u), { upsert: each.upsert });
    const { multi, upsert } = each;
    return runUpdate(
      database,
      context,
      { ...common, update, multi, upsert },
      { ...updateHooks(write, index, () => {}), place },
    );
  });
}

/** Statements for many documents are refused in a retryable write. */
function forOne(statement: Statement): Statement {
  return 'limit' in statement ? { ...statement, limit: 1 } : { ...statement, multi: false };
}

/** What a batch answers, as plain data. */
function plain(results: Awaited<ReturnType<typeof run>>): unknown {
  return JSON.parse(
    JSON.stringify(results, (_, value: unknown) =>
      Buffer.isBuffer(value) ? value.toString('hex') : value,
    ),
  );
}

const id = fc.integer({ min: 0, max: 12 });
const filter: fc.Arbitrary<Fields> = fc.oneof(
  id.map((_id) => ({ _id })),
  id.map((u) => ({ u })),
  id.map((n) => ({ n: { $lt: n } })),
);
const statement: fc.Arbitrary<Statement> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ q: filter, u: change(), multi: fc.boolean(), upsert: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ q: filter, limit: fc.constantFrom(0 as const, 1 as const) }),
  },
);

function change(): fc.Arbitrary<Fields> {
  return fc.oneof(
    fc.constant({ $inc: { n: 1 } }),
    id.map((u) => ({ $set: { u } })),
    fc.constant({ $inc: { u: 1 } }),
    fc.constant({ $push: { n: 1 } }),
    // Refused before anything is queued.
    fc.constant({ $nothing: { n: 1 } }),
  );
}

describe('an ordered batch whose statements share flushes', () => {
  test('answers, writes and logs what one statement after the other does', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(statement, { minLength: 1, maxLength: 20 }),
        fc.boolean(),
        async (statements, isRetryable) => {
          const [together, apart] = await Promise.all([memberWithData(), memberWithData()]);
          // Upserts make ids; with one given in the filter they are the same on both.
          const fixed = statements
            .map((each) =>
              'upsert' in each && !('_id' in each.q) ? { ...each, upsert: false } : each,
            )
            .map((each) => (isRetryable ? forOne(each) : each));
          const txn = isRetryable ? { txnNumber: 1 } : {};
          const batch = { statements: fixed, ...txn };
          const sinceTogether = together.entries.length;
          const sinceApart = apart.entries.length;
          const a = await run({ ...batch, member: together, inFlight: 7 });
          const b = await run({ ...batch, member: apart, inFlight: 1 });
          expect(plain(a)).toEqual(plain(b));
          const tables = ['doc', 'index', 'session'];
          expect(contents(together.engine, tables)).toEqual(contents(apart.engine, tables));
          expect(logged(together, sinceTogether)).toEqual(logged(apart, sinceApart));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('leaves everything after the first failure undone', async () => {
    const member = await memberWithData();
    const statements = [0, 1, 2, 3].map((_id) => ({
      q: { _id },
      u: _id === 1 ? { $set: { u: 9 } } : { $inc: { n: 1 } },
      multi: false,
      upsert: false,
    }));
    const before = member.entries.length;
    const { outcomes, writeErrors } = await run({ member, statements, inFlight: 64 });
    expect(writeErrors).toMatchObject([{ index: 1, code: 11000 }]);
    expect(outcomes).toHaveLength(1);
    expect(member.entries).toHaveLength(before + 1);
  });

  test('goes on after a statement that took more than one body', async () => {
    const member = await memberWithData(20);
    const order: number[] = [];
    const places: (StatementPlace | undefined)[] = [];
    const { outcomes } = await runStatements(5, { ordered: true }, async (index, place) => {
      places.push(place);
      // The third statement needs two bodies, the others one.
      const bodies = index === 2 ? 2 : 1;
      for (let body = 1; body <= bodies; body += 1) {
        await member.database.write(operation(), 'a.c', () => {
          place?.begin();
          order.push(index);
          if (body === bodies) place?.finish();
        });
      }
      return index;
    });
    expect(order).toEqual([0, 1, 2, 2, 3, 4]);
    expect(outcomes).toEqual([0, 1, 2, 3, 4]);
  });

  test('of 100 statements takes a few commits', async () => {
    const member = await memberWithData();
    const statements = Array.from({ length: 100 }, (_, at) => ({
      q: { _id: at % 10 },
      u: { $inc: { n: 1 } },
      multi: false,
      upsert: false,
    }));
    const before = member.engine.stats().commits;
    await run({ member, statements, inFlight: 128 });
    expect(member.engine.stats().commits - before).toBeLessThan(20);
  });
});

/**
 * The operations of the log without what differs between two members that work apart: place, hash,
 * uuid, and how many entries a statement for many documents took.
 */
function logged(member: TestMember, since: number): unknown[] {
  return member.entries.slice(since).flatMap(({ bytes }) => {
    const entry = decodeDocument(bytes);
    const { applyOps } = entry.o as { applyOps?: Fields[] };
    const operations = applyOps ?? [entry];
    return operations.map(({ op, ns, o, o2, pre, rid }) =>
      op === 'c' ? { op } : { op, ns, o, o2, pre, rid },
    );
  });
}
