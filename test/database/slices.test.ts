import { afterEach, describe, expect, it, vi } from 'vitest';
import { decodeDocument, encodeDocument } from '../../src/bson/index.ts';
import {
  countDocuments,
  createIndexes,
  distinctOf,
  hashCollections,
  insertMany,
  type OperationContext,
  openFind,
  runDelete,
  runUpdate,
  validateCollection,
} from '../../src/database/index.ts';
import { MongoServerError } from '../../src/errors/index.ts';
import { parseFilter, parseUpdate } from '../../src/query/index.ts';
import { openPrimary, operation, raw, type TestMember } from './support/member.ts';

const namespace = 'a.b';
const documentCount = 700;

/** Every look at the clock takes a millisecond, so a slice is a few steps long on any machine. */
function slowDown(): void {
  let now = performance.now();
  vi.spyOn(performance, 'now').mockImplementation(() => {
    now += 1;
    return now;
  });
}

afterEach(() => {
  vi.restoreAllMocks();
});

/** Counts the questions whether to stop, and says yes to the one given. */
class Interrupt {
  checks = 0;
  readonly #stopAt: number;

  constructor(stopAt = Number.POSITIVE_INFINITY) {
    this.#stopAt = stopAt;
  }

  check(): void {
    this.checks += 1;
    if (this.checks >= this.#stopAt) {
      throw new MongoServerError('Interrupted', 'operation was interrupted');
    }
  }
}

async function filledMember(): Promise<TestMember> {
  const member = await openPrimary();
  await insertMany(member.database, operation(), {
    namespace,
    documents: Array.from({ length: documentCount }, (_, _id) =>
      raw({ _id, a: _id % 10, b: -_id }),
    ),
    ordered: true,
  });
  return member;
}

type LongOperation = (member: TestMember, context: OperationContext) => Promise<unknown>;

const every = raw({ a: { $gte: 0 } });

function info({ database }: TestMember) {
  const found = database.catalog.byNamespace(namespace);
  if (found === undefined) throw new Error('the collection is gone');
  return found;
}

const reads: Record<string, LongOperation> = {
  async find({ database }, { interrupt }) {
    const source = openFind(database, 'local', namespace, { filter: every, sort: raw({ b: 1 }) });
    try {
      const { documents } = await source.nextBatch({ maxDocuments: Infinity, interrupt });
      return documents.length;
    } finally {
      source.close();
    }
  },
  count({ database }, context) {
    const request = { namespace, filter: every, hint: undefined, skip: 0, limit: 0 };
    return countDocuments(database, context, 'local', request);
  },
  distinct({ database }, context) {
    const request = { namespace, path: 'b', filter: undefined, hint: undefined };
    return distinctOf(database, context, 'local', request);
  },
  validate: (member, context) => validateCollection(member.database, context, info(member)),
  dbHash: ({ database }, context) => hashCollections(database, context, 'a', undefined),
};

const writes: Record<string, LongOperation> = {
  updateMany({ database }, context) {
    return runUpdate(database, context, {
      namespace,
      filterSpec: every,
      filter: parseFilter(every.buffer, every.start),
      update: parseUpdate(raw({ $set: { changed: true } }), { upsert: false }),
      multi: true,
      upsert: false,
    });
  },
  deleteMany({ database }, context) {
    return runDelete(database, context, {
      namespace,
      filterSpec: every,
      filter: parseFilter(every.buffer, every.start),
      multi: true,
    });
  },
  createIndexes: ({ database }, context) =>
    createIndexes(database, context, namespace, [raw({ key: { a: 1, b: 1 }, name: 'index' })]),
};

describe('a long operation', () => {
  it.each(Object.entries({ ...reads, ...writes }))('yields between slices: %s', async (_, run) => {
    const member = await filledMember();
    const interrupt = new Interrupt();
    let turns = 0;
    let isOver = false;
    const turn = () => {
      turns += 1;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    slowDown();

    await run(member, { ...operation(), interrupt });
    isOver = true;

    expect(interrupt.checks).toBeGreaterThan(3);
    expect(turns).toBeGreaterThan(3);
  });

  it.each(Object.entries({ ...reads, ...writes }))(
    'ends at the next slice when it is interrupted, and holds nothing: %s',
    async (_, run) => {
      const member = await filledMember();
      const interrupt = new Interrupt(3);
      slowDown();

      await expect(run(member, { ...operation(), interrupt })).rejects.toMatchObject({
        codeName: 'Interrupted',
      });

      expect(interrupt.checks).toBe(3);
      expect(member.engine.stats()).toMatchObject({ pinnedSnapshots: 0, openCursors: 0 });
    },
  );
});

describe('an interrupted write', () => {
  async function all({ database }: TestMember): Promise<Record<string, unknown>[]> {
    const source = openFind(database, 'local', namespace, {});
    const { documents } = await source.nextBatch({ maxDocuments: Infinity });
    const found = decodeDocument(encodeDocument({ documents })).documents;
    return found as Record<string, unknown>[];
  }

  it('leaves changed what updateMany had changed, all of it in the log', async () => {
    const member = await filledMember();
    const before = member.entries.length;
    slowDown();

    await expect(
      writes.updateMany?.(member, { ...operation(), interrupt: new Interrupt(3) }),
    ).rejects.toThrow('operation was interrupted');

    const changed = (await all(member)).filter((document) => document.changed === true);
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.length).toBeLessThan(documentCount);
    expect(member.entries.length - before).toBe(2);
  });

  it('leaves removed what deleteMany had removed', async () => {
    const member = await filledMember();
    slowDown();

    await expect(
      writes.deleteMany?.(member, { ...operation(), interrupt: new Interrupt(3) }),
    ).rejects.toThrow('operation was interrupted');

    const { count } = member.database.measure(namespace);
    expect(count).toBe((await all(member)).length);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(documentCount);
  });

  it('leaves no index of a build that was killed', async () => {
    const member = await filledMember();
    slowDown();

    await expect(
      writes.createIndexes?.(member, { ...operation(), interrupt: new Interrupt(3) }),
    ).rejects.toThrow('operation was interrupted');

    expect(info(member).indexes.map(({ name }) => name)).toEqual(['_id_']);
  });
});
