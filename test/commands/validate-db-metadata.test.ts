/** validateDBMetadata and compact, as a driver sees them. */
import { Decimal128, type Document } from 'mongodb';
import { beforeEach, expect, test } from 'vitest';
import { failureOf, startShop } from '../support/shop.ts';

const { client, db } = await startShop();
const apiParameters = { version: '1', strict: true };

beforeEach(async () => {
  await db.dropDatabase();
  await db.collection('things').createIndexes([
    { key: { a: 1 }, name: 'plain' },
    { key: { b: 1 }, name: 'thin', sparse: true },
  ]);
});

async function namesOf(fields: Document): Promise<unknown[]> {
  const reply = await client.db('admin').command({ validateDBMetadata: 1, ...fields });
  return reply.apiVersionErrors.map(({ ns }: Document) => ns);
}

test('indexes that are not in version 1 are told, each with its namespace', async () => {
  const reply = await client.db('admin').command({ validateDBMetadata: 1, apiParameters });
  expect(reply).toMatchObject({
    apiVersionErrors: [
      {
        ns: 'shop.things',
        code: 323,
        codeName: 'APIStrictError',
        errmsg: 'The index with name thin is not allowed in API version 1.',
      },
    ],
  });
  expect(reply).not.toHaveProperty('hasMoreErrors');
});

test('so are views over stages that are not', async () => {
  await db.command({ create: 'stats', viewOn: 'things', pipeline: [{ $indexStats: {} }] });
  expect(await namesOf({ apiParameters, collection: 'stats' })).toEqual(['shop.stats']);
});

test.each<[Document, number]>([
  [{}, 1],
  [{ db: 'shop' }, 1],
  [{ db: 'shop', collection: 'things' }, 1],
  [{ collection: 'things' }, 1],
  [{ collection: 'thing' }, 0],
  [{ db: 'else' }, 0],
  [{ db: '$' }, 0],
  [{ apiParameters: { version: '2', strict: true } }, 0],
  [{ apiParameters: { version: '1', strict: false } }, 0],
  [{ apiParameters: { version: '1' } }, 0],
])('of %j: %i', async (fields, count) => {
  expect(await namesOf({ apiParameters, ...fields })).toHaveLength(count);
});

test.each<[Document, number]>([
  [{ validateDBMetadata: 1 }, 40414],
  [{ validateDBMetadata: 1, apiParameters: {} }, 40414],
  [{ validateDBMetadata: 1, apiParameters: 1 }, 14],
  [{ validateDBMetadata: 1, apiParameters: { version: 1 } }, 14],
  [{ validateDBMetadata: 1, apiParameters: { version: '1', strict: null } }, 14],
  [{ validateDBMetadata: 1, apiParameters: { version: '1', strict: 1 } }, 14],
  [{ validateDBMetadata: 1, apiParameters: { version: '1', Strict: true } }, 40415],
  [{ validateDBMetadata: 1, apiParameters, db: 1 }, 14],
  [{ validateDBMetadata: 1, apiParameters, db: '' }, 28539],
  [{ validateDBMetadata: 1, apiParameters, db: 'a b' }, 13280],
  [{ validateDBMetadata: 1, apiParameters, db: 'a.b' }, 73],
  [{ validateDBMetadata: 1, apiParameters, collection: '.a' }, 73],
  [{ compact: 'things' }, 0],
  [{ compact: 'things', dryRun: true, force: true, freeSpaceTargetMB: 1 }, 0],
  [{ compact: 'things', dryRun: 1 }, 14],
  [{ compact: 'things', force: 1 }, 14],
  [{ compact: 'things', freeSpaceTargetMB: 'x' }, 14],
  [{ compact: 'things', freeSpaceTargetMB: 0 }, 2],
  [{ compact: 'things', freeSpaceTargetMB: Decimal128.fromString('0.5') }, 2],
])('%j: %i', async (command, code) => {
  expect((await failureOf(db.command(command)))[0]).toBe(code);
});
