/** Runaway regular expressions in commands: an error (MongoDB's match limit), and the member goes on. */
import type { Document } from 'mongodb';
import { beforeEach, describe, expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

const { db } = await startShop();
const runaway = '^(a+)+$';
const endless = `${'a'.repeat(40)}!`;

beforeEach(async () => {
  await db.dropDatabase();
  const things = [
    { _id: 1 as never, s: 'a'.repeat(40), list: [{ s: 'b' }] },
    { _id: 2 as never, s: endless, list: [{ s: endless }] },
  ];
  await db.collection('things').insertMany(things);
});

function text(operator: string): string {
  return `Error occurred while executing the regular expression in ${operator}. Result code: match limit exceeded`;
}

async function answer(command: Document): Promise<unknown> {
  try {
    return (await db.command(command)).ok;
  } catch (error) {
    const { code, message } = error as { code: number; message: string };
    return { code, message };
  }
}

describe('a runaway regular expression', () => {
  test.each<Document>([
    { s: { $regex: runaway } },
    { s: /^(a+)+$/ },
    { s: /^(A+)+$/i },
    { s: { $in: [1, /^(a+)+$/] } },
    { s: { $nin: [/^(a+)+$/] } },
    { s: { $not: /^(a+)+$/ } },
    { s: { $all: [/^(a+)+$/] } },
    { list: { $elemMatch: { s: /^(a+)+$/ } } },
    { 'list.s': /^(a+)+$/ },
    { $jsonSchema: { properties: { s: { pattern: runaway } } } },
  ])('ends the filter %j', async (filter) => {
    expect(await answer({ find: 'things', filter })).toEqual({
      code: 51156,
      message: expect.stringContaining(text('$regex')),
    });
    expect(await db.command({ ping: 1 })).toMatchObject({ ok: 1 });
  });

  test.each(['$regexMatch', '$regexFind', '$regexFindAll'])('ends %s', async (operator) => {
    const found = { [operator]: { input: '$s', regex: runaway } };
    const command = { aggregate: 'things', pipeline: [{ $project: { found } }], cursor: {} };
    const { code, message } = (await answer(command)) as { code: number; message: string };
    expect(code).toBe(51156);
    expect(message).toContain(text(operator));
    expect(await db.command({ ping: 1 })).toMatchObject({ ok: 1 });
  });

  test('ends the names of patternProperties', async () => {
    await db.collection('things').insertOne({ [endless]: 1 });
    const patternProperties = { [runaway]: { bsonType: 'int' } };
    for (const more of [{}, { additionalProperties: false }]) {
      const filter = { $jsonSchema: { patternProperties, ...more } };
      expect(await answer({ find: 'things', filter, hint: { $natural: -1 } })).toEqual({
        code: 51156,
        message: expect.stringContaining(text('patternProperties')),
      });
    }
  });

  test('ends a delete, which deletes nothing', async () => {
    const refused = db.collection('things').deleteMany({ s: { $not: /^(a+)+$/ } });
    await expect(refused).rejects.toMatchObject({ code: 51156 });
    expect(await db.collection('things').countDocuments()).toBe(2);
  });

  test('still matches', async () => {
    const found = await db.collection('things').find({ _id: 1 as never, s: /^(a+)+$/ });
    expect(await found.toArray()).toHaveLength(1);
  });
});
