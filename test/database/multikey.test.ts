import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createIndexes, insertMany, openFind } from '../../src/database/index.ts';
import { type Engine, openLmdbEngine } from '../../storage/index.ts';
import { openPrimary, operation, raw, type TestMember } from './support/member.ts';

const namespace = 'a.c';
let engine: Engine | undefined;
let folder: string | undefined;

afterEach(async () => {
  await engine?.close();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

async function find({ database }: TestMember, filter: Record<string, unknown>): Promise<number> {
  const source = openFind(database, 'local', namespace, { filter: raw(filter) });
  try {
    return (await source.nextBatch({ maxDocuments: 100 })).documents.length;
  } finally {
    source.close();
  }
}

function insert({ database }: TestMember, document: Record<string, unknown>): Promise<unknown> {
  const request = { namespace, documents: [raw(document)], ordered: true };
  return insertMany(database, operation(), request);
}

describe('the first document with an array in an indexed field', () => {
  it('is found once at every moment of its commit', async () => {
    folder = mkdtempSync(join(tmpdir(), 'arkset-multikey-'));
    engine = await openLmdbEngine({ path: folder });
    const member = await openPrimary(engine);
    const counts = new Set<number>();
    for (let round = 0; round < 40; round += 1) {
      const field = `f${round}`;
      const index = raw({ key: { [field]: 1 }, name: field });
      await createIndexes(member.database, operation(), namespace, [index]);

      let isOver = false;
      const inserted = insert(member, { [field]: [1, 2, 3] }).then(() => {
        isOver = true;
      });
      while (!isOver) {
        counts.add(await find(member, { [field]: { $gt: 0 } }));
        await new Promise((resolve) => setImmediate(resolve));
      }
      await inserted;
      counts.add(await find(member, { [field]: { $gt: 0 } }));
    }

    expect([...counts].sort()).toEqual([0, 1]);
  });
});
