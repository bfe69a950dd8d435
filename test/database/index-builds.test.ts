/** createIndexes on a collection that is too big for one body: the manual's page of the command. */
import { describe, expect, it } from 'vitest';
import {
  buildProgress,
  createIndexes,
  dropIndexes,
  insertMany,
  resumeIndexBuilds,
  runDelete,
  setCommitQuorum,
} from '../../src/database/index.ts';
import { MongoServerError } from '../../src/errors/index.ts';
import { parseFilter } from '../../src/query/index.ts';
import {
  contents,
  openMember,
  openPrimary,
  operation,
  raw,
  type TestMember,
} from './support/member.ts';

const namespace = 'a.c';
const a = raw({ key: { a: 1 }, name: 'a_1' });
const uniqueB = raw({ key: { b: 1 }, name: 'b_1', unique: true });
const c = raw({ key: { c: 1 }, name: 'c_1' });

/** 1200 documents whose last two have the same `b`. */
async function filled(): Promise<TestMember> {
  const member = await openPrimary();
  const documents = Array.from({ length: 1200 }, (_, _id) =>
    raw({ _id, a: _id % 7, b: Math.min(_id, 1198), c: -_id }),
  );
  await insertMany(member.database, operation(), { namespace, documents, ordered: true });
  return member;
}

function indexNames({ database }: TestMember): string[] {
  return (database.catalog.byNamespace(namespace)?.indexes ?? []).map(
    ({ name, state }) => `${name} ${state}`,
  );
}

function deleteLast({ database }: TestMember): Promise<unknown> {
  const filterSpec = raw({ _id: 1199 });
  return runDelete(database, operation(), {
    namespace,
    filterSpec,
    filter: parseFilter(filterSpec.buffer, 0),
    multi: false,
  });
}

describe('createIndexes of several on a big collection', () => {
  it('leaves none when the last one cannot be built', async () => {
    const member = await filled();

    await expect(
      createIndexes(member.database, operation(), namespace, [a, c, uniqueB]),
    ).rejects.toMatchObject({ codeName: 'DuplicateKey' });

    expect(indexNames(member)).toEqual(['_id_ ready']);
  });

  it('makes all of them ready in one entry', async () => {
    const member = await filled();

    await createIndexes(member.database, operation(), namespace, [a, c]);

    expect(indexNames(member)).toEqual(['_id_ ready', 'a_1 ready', 'c_1 ready']);
    const commits = member.entries.filter(({ bytes }) => bytes.includes('commitIndexBuild'));
    expect(commits).toHaveLength(1);
  });

  it('gives up the rest when one of them is dropped meanwhile', async () => {
    const member = await filled();

    const creating = createIndexes(member.database, operation(), namespace, [a, c]);
    const dropping = dropIndexes(member.database, operation(), namespace, 'c_1');

    await expect(creating).rejects.toMatchObject({ codeName: 'IndexBuildAborted' });
    await dropping;
    expect(indexNames(member)).toEqual(['_id_ ready']);
  });

  it('is gone on with, as a whole, by the next primary', async () => {
    const first = await filled();
    const creating = createIndexes(first.database, operation(), namespace, [a, uniqueB]);
    const start = await firstEntry(first, 'startIndexBuild');
    await creating.catch(() => {});
    const second = await openMember();
    for (const { bytes } of first.entries.slice(0, start + 1)) {
      await second.database.appendReplicated([bytes]);
    }
    expect(indexNames(second)).toEqual(['_id_ ready', 'a_1 building', 'b_1 building']);
    second.database.setWriteGate({ assertWritable() {}, term: () => 2 });

    await expect(resumeIndexBuilds(second.database)).rejects.toMatchObject({
      codeName: 'DuplicateKey',
    });

    expect(indexNames(second)).toEqual(['_id_ ready']);
  });

  it('tells how far it has come', async () => {
    const first = await filled();
    await createIndexes(first.database, operation(), namespace, [a, c]);
    const start = await firstEntry(first, 'startIndexBuild');
    const second = await openMember();
    const seen = new Set<string>();
    for (const [at, { bytes }] of first.entries.entries()) {
      await second.database.appendReplicated([bytes]);
      if (at < start - 1) continue;
      const info = second.database.catalog.byNamespace(namespace)!;
      const progress = buildProgress(second.engine.latest, info);
      seen.add(progress === undefined ? 'none' : `${progress.done}/${progress.total}`);
    }
    expect([...seen]).toEqual([
      'none',
      ...[0, 32, 96, 224, 474, 724, 974, 1450, 1700, 1950, 2200].map((n) => `${n}/2400`),
    ]);
  });

  it('is the same on a secondary, and undone there entry by entry', async () => {
    const member = await filled();
    const secondary = await openMember();
    const before = member.entries.length;
    await createIndexes(member.database, operation(), namespace, [a, c]);
    for (const { bytes } of member.entries.slice(0, before)) {
      await secondary.database.appendReplicated([bytes]);
    }
    const untouched = contents(secondary.engine);

    const target = secondary.database.lastAppended!;
    for (const { bytes } of member.entries.slice(before)) {
      await secondary.database.appendReplicated([bytes]);
    }
    expect(contents(secondary.engine)).toEqual(contents(member.engine));
    await secondary.database.undoSlice(target, Number.POSITIVE_INFINITY);

    expect(contents(secondary.engine)).toEqual(untouched);
  });
});

describe('createIndexes of an index that another command builds', () => {
  it('succeeds when that build does, and makes no second index', async () => {
    const member = await filled();

    const both = [1, 2].map(() => createIndexes(member.database, operation(), namespace, [a]));
    const [first, second] = await Promise.all(both);

    expect(first).toMatchObject({ before: 1, after: 2 });
    expect(second).toMatchObject({ before: 2, after: 2 });
    expect(indexNames(member)).toEqual(['_id_ ready', 'a_1 ready']);
  });

  it('fails when that build fails and its own would too', async () => {
    const member = await filled();

    const both = [[a, uniqueB], [uniqueB]].map((specs) =>
      createIndexes(member.database, operation(), namespace, specs),
    );

    const outcomes = await Promise.allSettled(both);
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: { codeName: 'DuplicateKey' } },
      { status: 'rejected', reason: { codeName: 'DuplicateKey' } },
    ]);
    expect(indexNames(member)).toEqual(['_id_ ready']);
  });

  it('builds the index itself when the other one is given up for a reason of its own', async () => {
    const member = await filled();
    const other = createIndexes(member.database, operation(), namespace, [a, uniqueB]);
    const waiting = createIndexes(member.database, operation(), namespace, [a]);

    await expect(other).rejects.toMatchObject({ codeName: 'DuplicateKey' });

    await waiting;
    expect(indexNames(member)).toEqual(['_id_ ready', 'a_1 ready']);
  });

  it('ends when it is interrupted, and the other goes on', async () => {
    const member = await filled();
    await deleteLast(member);
    const other = createIndexes(member.database, operation(), namespace, [uniqueB]);
    const reason = new MongoServerError('Interrupted', 'operation was interrupted');
    const interrupt = { check() {}, interrupted: () => Promise.reject(reason) };

    await expect(
      createIndexes(member.database, { ...operation(), interrupt }, namespace, [uniqueB]),
    ).rejects.toBe(reason);

    await other;
    expect(indexNames(member)).toEqual(['_id_ ready', 'b_1 ready']);
  });
});

async function firstEntry({ entries }: TestMember, mark: string): Promise<number> {
  for (;;) {
    const at = entries.findIndex(({ bytes }) => bytes.includes(mark));
    if (at >= 0) return at;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a build with a commit quorum', () => {
  it('is repeated by secondaries with its changes, and undone', async () => {
    const member = await filled();
    const secondary = await openMember();
    for (const { bytes } of member.entries) await secondary.database.appendReplicated([bytes]);
    const before = member.entries.length;
    const untouched = contents(secondary.engine);
    const target = secondary.database.lastAppended!;
    const asked: unknown[] = [];
    member.database.buildVoters = {
      check() {},
      hold(quorum) {
        asked.push(quorum);
        return quorum === 1 ? Promise.resolve() : new Promise(() => {});
      },
    };
    const creating = createIndexes(member.database, operation(), namespace, [a, c], { quorum: 3 });
    await until(() => asked.length > 0);
    const names = ['a_1', 'c_1'];
    await setCommitQuorum(member.database, operation(), namespace, names, 'majority');
    await setCommitQuorum(member.database, operation(), namespace, names, 1);
    await creating;

    expect([asked[0], asked.at(-1)]).toEqual([3, 1]);
    expect(indexNames(member)).toEqual(['_id_ ready', 'a_1 ready', 'c_1 ready']);
    for (const { bytes } of member.entries.slice(before)) {
      await secondary.database.appendReplicated([bytes]);
    }
    expect(contents(secondary.engine)).toEqual(contents(member.engine));
    await secondary.database.undoSlice(target, Number.POSITIVE_INFINITY);
    expect(contents(secondary.engine)).toEqual(untouched);
  });
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
