/** Updates at the limits of what documents may be, and with very many values. */
import { describe, expect, it } from 'vitest';
import { decodeDocument, encodeDocument } from '../../src/bson/index.ts';
import { type Fields, outcome, updateOf } from './documents.ts';

function path(parts: number): string {
  return Array(parts).fill('q').join('.');
}

/** Documents in documents, as many as `levels`. */
function nested(levels: number): Fields {
  let document: Fields = {};
  for (let level = 1; level < levels; level++) document = { a: document };
  return document;
}

function updated(update: Fields, on: Fields): Fields {
  return decodeDocument(updateOf(update).apply(encodeDocument(on), 0).document);
}

describe('an update', () => {
  // A document is 200 levels deep at most, and counts as the first.
  it.each([
    [{ $set: { [path(200)]: 1 } }, {}],
    [{ $set: { [path(100)]: nested(100) } }, {}],
    [{ $push: { [path(100)]: nested(99) } }, {}],
    [{ $rename: { a: path(100) } }, { a: nested(100) }],
  ])('may make a document of 200 levels', (update, on) => {
    expect(updateOf(update).apply(encodeDocument(on), 0).modified).toBe(true);
  });

  it.each([
    [{ $set: { [path(201)]: 1 } }, {}],
    [{ $unset: { [path(20_000)]: 1 } }, {}],
    [{ $set: { [path(100)]: nested(101) } }, {}],
    [{ $push: { [path(100)]: nested(100) } }, {}],
    [{ $push: { [path(100)]: { $each: [nested(100)] } } }, {}],
    [{ $rename: { a: path(101) } }, { a: nested(100) }],
  ])('makes none that is deeper', (update, on) => {
    const result = outcome(() => updateOf(update).apply(encodeDocument(on), 0));

    expect(result).toEqual({ code: 15, message: 'Document exceeds maximum nesting depth of 200' });
  });

  // Each of these took minutes while it compared all with all.
  describe('of 20,000 values', () => {
    const numbers = Array.from({ length: 20_000 }, (_, at) => at);

    it('sets them', () => {
      const fields = Object.fromEntries(numbers.map((at) => [`f${at}`, 1]));

      expect(Object.keys(updated({ $set: fields }, {}))).toHaveLength(20_000);
    });

    it('adds those that are not there', () => {
      const { a } = updated(
        { $addToSet: { a: { $each: [...numbers, ...numbers] } } },
        { a: [7, 3] },
      );

      expect(a).toEqual([7, 3, ...numbers.filter((at) => at !== 7 && at !== 3)]);
    });

    it('pulls them', () => {
      const { a } = updated({ $pullAll: { a: numbers } }, { a: ['x', ...numbers, 20_000] });

      expect(a).toEqual(['x', 20_000]);
    });
  });
});
