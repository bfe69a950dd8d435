import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeDocument } from '../../src/bson/index.ts';
import {
  retryableWriteOf,
  runUpdate,
  SessionReaper,
  sessionTimeoutMinutes,
  updateHooks,
} from '../../src/database/index.ts';
import { decodeRan, type RanStatements } from '../../src/database/writes/session-record.ts';
import {
  executedBefore,
  forgetStatements,
  rememberStatements,
} from '../../src/database/writes/session-statements.ts';
import { parseFilter, parseUpdate } from '../../src/query/index.ts';
import { openMemoryEngine, type WriteTransaction } from '../../storage/index.ts';
import {
  contents,
  openMember,
  openPrimary,
  raw,
  retryable,
  type TestMember,
} from './support/member.ts';

const lsid = encodeDocument({ id: { n: 1 } });
const answers = [1, 2, 3].map((n) => encodeDocument({ n }));

/** What one entry executed: statements nobody has executed before, in any order. */
const entries = fc
  .array(
    fc.array(
      fc.record({
        gap: fc.integer({ min: -3, max: 90 }),
        count: fc.integer({ min: 1, max: 150 }),
        answer: fc.nat(2),
      }),
      { minLength: 1, maxLength: 5 },
    ),
    { minLength: 1, maxLength: 60 },
  )
  .map((shapes) => {
    let next = 0;
    return shapes.map((shape) =>
      shape.map(({ gap, count, answer }): RanStatements => {
        const first = next + Math.max(0, gap);
        next = first + count;
        return { first, count, answer: answers[answer] as Buffer };
      }),
    );
  });

async function inOneBody<T>(body: (transaction: WriteTransaction) => T) {
  const engine = openMemoryEngine();
  const result = await engine.write(body);
  return { engine, result };
}

describe('the statements of a session', () => {
  test('are each known with its answer, and taken off again byte by byte', async () => {
    await fc.assert(
      fc.asyncProperty(entries, fc.boolean(), async (executed, reversed) => {
        const order = reversed ? executed.toReversed() : executed;
        const engine = openMemoryEngine();
        const moments = [contents(engine, ['session'])];
        const logged = [];
        for (const ran of order) {
          logged.push(
            await engine.write((transaction) =>
              rememberStatements(transaction, { lsid, txnNumber: 7, ran }),
            ),
          );
          moments.push(contents(engine, ['session']));
        }

        const known = executedBefore(engine.latest, lsid);
        for (const { first, count, answer } of executed.flat()) {
          for (const statement of [first, first + count - 1]) {
            expect(known?.answerOf(statement)).toEqual(answer);
          }
        }
        const covered = new Set(
          executed
            .flat()
            .flatMap(({ first, count }) => Array.from({ length: count }, (_, at) => first + at)),
        );
        for (const { first, count } of executed.flat()) {
          for (const statement of [first - 1, first + count]) {
            expect(known?.answerOf(statement) !== undefined).toBe(covered.has(statement));
          }
        }

        for (const statements of logged.reverse()) {
          moments.pop();
          await engine.write((transaction) => forgetStatements(transaction, statements));
          expect(contents(engine, ['session'])).toEqual(moments.at(-1));
        }
      }),
      { numRuns: 60 },
    );
  });

  test('are kept whole in the entry that begins the next transaction number', async () => {
    const executed = Array.from({ length: 300 }, (_, at) => ({
      first: 2 * at,
      count: 1,
      answer: answers[at % 3] as Buffer,
    }));
    const { engine } = await inOneBody((transaction) =>
      rememberStatements(transaction, { lsid, txnNumber: 1, ran: executed }),
    );
    const before = contents(engine, ['session']);
    expect(before.length).toBeGreaterThan(5);

    const logged = await engine.write((transaction) =>
      rememberStatements(transaction, {
        lsid,
        txnNumber: 2,
        ran: [{ first: 0, count: 1, answer: answers[0] as Buffer }],
      }),
    );
    expect(contents(engine, ['session'])).toHaveLength(1);
    expect(decodeRan(logged.ran, 0)).toHaveLength(1);
    await engine.write((transaction) => forgetStatements(transaction, logged));

    expect(contents(engine, ['session'])).toEqual(before);
  });
});

async function upsertMany(member: TestMember, count: number): Promise<number> {
  const context = retryable(1);
  let bytes = 0;
  const { engine } = member;
  for (let _id = 0; _id < count; _id += 1) {
    const filterSpec = raw({ _id });
    const update = {
      namespace: 'a.c',
      filterSpec,
      filter: parseFilter(filterSpec.buffer, 0),
      update: parseUpdate(raw({ $set: { n: 1 } }), {}),
      multi: false,
      upsert: true,
    };
    await runUpdate(
      member.database,
      context,
      update,
      updateHooks(retryableWriteOf(context), _id, () => {}),
    );
  }
  const cursor = engine.latest.cursor('session', {});
  while (cursor.next()) bytes = Math.max(bytes, cursor.value.length);
  cursor.close();
  return bytes;
}

describe('a retryable write whose answers all differ', () => {
  test('writes no larger row for a thousand statements than for two hundred', async () => {
    const few = await upsertMany(await openPrimary(), 200);
    const many = await upsertMany(await openPrimary(), 1000);

    expect(many).toBeLessThan(few * 1.2);
  });

  test('is the same on a secondary, forgotten when idle, and brought back by undo', async () => {
    const now = { value: 1_700_000_000_000 };
    const primary = await openPrimary();
    Object.assign(primary.database, { now: () => now.value });
    await upsertMany(primary, 150);
    const before = contents(primary.engine);
    const written = primary.entries.length;
    const reaper = new SessionReaper(primary.database);
    for (let slice = 0; slice < 4; slice += 1) await reaper.runSlice(true);
    now.value += sessionTimeoutMinutes * 60_000;

    for (let slice = 0; slice < 4; slice += 1) await reaper.runSlice(true);

    expect(contents(primary.engine, ['session'])).toEqual([]);
    const secondary = await openMember();
    for (const { bytes } of primary.entries) await secondary.database.appendReplicated([bytes]);
    expect(contents(secondary.engine)).toEqual(contents(primary.engine));
    await secondary.database.undoSlice(primary.entries[written - 1]!.gtid, 10);
    expect(contents(secondary.engine)).toEqual(before);
  });
});
