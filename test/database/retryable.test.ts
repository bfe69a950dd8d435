import { describe, expect, test } from 'vitest';
import { decodeDocument } from '../../src/bson/index.ts';
import {
  findAndModifyHooks,
  insertMany,
  type OperationContext,
  retryableWriteOf,
  runUpdate,
  updateHooks,
} from '../../src/database/index.ts';
import { parseFilter, parseUpdate } from '../../src/query/index.ts';
import {
  contents,
  openMember,
  openPrimary,
  raw,
  retryable,
  type TestMember,
} from './support/member.ts';

function insert(member: TestMember, context: OperationContext, ids: readonly number[]) {
  return insertMany(member.database, context, {
    namespace: 'a.c',
    documents: ids.map((_id) => raw({ _id })),
    ordered: true,
  });
}

async function increment(member: TestMember, context: OperationContext, statement: number) {
  const filterSpec = raw({ _id: 1 });
  let retried = false;
  const outcome = await runUpdate(
    member.database,
    context,
    {
      namespace: 'a.c',
      filterSpec,
      filter: parseFilter(filterSpec.buffer, 0),
      update: parseUpdate(raw({ $inc: { n: 1 } }), {}),
      multi: false,
      upsert: true,
    },
    updateHooks(retryableWriteOf(context), statement, () => {
      retried = true;
    }),
  );
  return { ...outcome, retried };
}

function n(member: TestMember): unknown {
  const info = member.database.catalog.byNamespace('a.c')!;
  const cursor = member.engine.latest.cursor('doc', { lower: info.keyPrefix });
  cursor.next();
  const document = decodeDocument(Buffer.from(cursor.value.subarray(4)));
  cursor.close();
  return document.n;
}

describe('a retryable write', () => {
  test('is executed once, however often it is sent', async () => {
    const primary = await openPrimary();
    const first = await increment(primary, retryable(1), 0);
    expect(first).toMatchObject({ matched: 0, retried: false });
    expect(first.upsertedId).toBeDefined();
    const again = await increment(primary, retryable(1), 0);
    expect(again).toMatchObject({ matched: 0, retried: true });
    expect(again.upsertedId).toBeDefined();
    await increment(primary, retryable(1), 1);
    await increment(primary, retryable(1), 1);
    expect(n(primary)).toBe(2);
  });

  test('of many statements executes those that were not', async () => {
    const primary = await openPrimary();
    await insert(primary, retryable(1), [1, 2]);
    const result = await insert(primary, retryable(1), [1, 2, 3]);
    expect(result).toEqual({ inserted: 3, writeErrors: [], retriedStatements: [0, 1] });
  });

  test('of an older transaction number is refused', async () => {
    const primary = await openPrimary();
    await insert(primary, retryable(5), [1]);
    await expect(insert(primary, retryable(4), [2])).rejects.toMatchObject({
      codeName: 'TransactionTooOld',
    });
  });

  test('is known to a member that applied it, and unknown where it was undone', async () => {
    const primary = await openPrimary();
    await insert(primary, retryable(1), [1]);
    await increment(primary, retryable(2), 0);
    const secondary = await openMember();
    for (const { bytes } of primary.entries) await secondary.database.appendReplicated([bytes]);
    secondary.database.setWriteGate({ assertWritable() {}, term: () => 2 });
    expect(await increment(secondary, retryable(2), 0)).toMatchObject({ retried: true });

    const before = primary.entries.at(-2)!.gtid;
    await secondary.database.undoSlice(before, 1);
    expect(await insert(secondary, retryable(1), [1])).toMatchObject({ retriedStatements: [0] });
    expect(await increment(secondary, retryable(2), 0)).toMatchObject({ retried: false });
  });

  test('answers a findAndModify again up to 1 MB, and refuses to execute a larger one again', async () => {
    const primary = await openPrimary();
    const find = (txnNumber: number, bytes: number) => {
      const context = retryable(txnNumber);
      const filterSpec = raw({ _id: 1 });
      let answer: Buffer | undefined;
      const hooks = findAndModifyHooks(
        retryableWriteOf(context),
        0,
        (earlier) => {
          answer = earlier;
        },
        () => ({ lastErrorObject: { n: 1 }, value: { filler: 'x'.repeat(bytes) } }),
      );
      return runUpdate(
        primary.database,
        context,
        {
          namespace: 'a.c',
          filterSpec,
          filter: parseFilter(filterSpec.buffer, 0),
          update: parseUpdate(raw({ $inc: { n: 1 } }), {}),
          multi: false,
          upsert: true,
        },
        hooks,
      ).then(() => answer);
    };
    expect(await find(1, 1000)).toBeUndefined();
    expect((await find(1, 1000))!.length).toBeGreaterThan(1000);
    expect(await find(2, 2 * 1024 * 1024)).toBeUndefined();
    expect(primary.entries.at(-1)!.bytes.length).toBeLessThan(5000);
    await expect(find(2, 2 * 1024 * 1024)).rejects.toMatchObject({ code: 217 });
    expect(n(primary)).toBe(2);
  });

  test('of a thousand inserts costs one element of the record', async () => {
    const primary = await openPrimary();
    await insert(
      primary,
      retryable(1),
      Array.from({ length: 1000 }, (_, at) => at),
    );
    const [row] = contents(primary.engine, ['session']);
    expect(row!.length / 2).toBeLessThan(250);
  });
});
