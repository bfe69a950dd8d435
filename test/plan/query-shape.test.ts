/** What two queries must have in common to be one shape; by the manual's page "Query Shapes". */
import { Long } from 'bson';
import { describe, expect, test } from 'vitest';
import { BsonType, decodeDocument, encodeDocument, type RawValue } from '../../src/bson/index.ts';
import { parseCollation } from '../../src/collation/index.ts';
import { noVariables } from '../../src/expressions/index.ts';
import { planCacheShape, queryShapeHash } from '../../src/plan/index.ts';
import { parseFilter, parseSort } from '../../src/query/index.ts';

type Document = Record<string, unknown>;

interface Query {
  readonly filter?: Document;
  readonly sort?: Document;
  readonly projection?: Document;
  readonly collation?: Document | undefined;
}

function filterOf(document: Document = {}, collation?: Document) {
  const given = rawOf(collation);
  const variables = noVariables.under((given && parseCollation(given)) ?? undefined);
  return parseFilter(encodeDocument(document), 0, { variables });
}

function cacheShape({ filter, sort, projection, collation }: Query): string {
  return planCacheShape({
    filter: filterOf(filter, collation),
    sort: sort && parseSort(encodeDocument(sort), 0),
    projectionSpec: projection && decodeDocument(encodeDocument(projection), 0),
  });
}

function rawOf(document: Document | undefined): RawValue | undefined {
  if (document === undefined) return undefined;
  const buffer = encodeDocument(document);
  return { buffer, type: BsonType.object, start: 0, end: buffer.length };
}

function queryShape({ filter, sort, projection }: Query): string {
  return queryShapeHash({
    command: 'find',
    namespace: 'a.b',
    filter: filterOf(filter),
    sort: rawOf(sort),
    projection: rawOf(projection),
  });
}

const a = { filter: { a: 1 } };

/** [two queries, one plan cache shape?, one query shape?] */
const pairs: readonly [Query, Query, boolean, boolean][] = [
  [a, { filter: { a: 7 } }, true, true],
  [a, { filter: { a: { $eq: 2.5 } } }, true, true],
  [a, { filter: { $and: [{ a: 3 }] } }, true, true],
  [a, { filter: { b: 1 } }, false, false],
  [a, { filter: { 'a.b': 1 } }, false, false],
  [a, { filter: { a: { $gt: 1 } } }, false, false],
  [a, { filter: { a: { $ne: 1 } } }, false, false],
  [a, { filter: { a: 'x' } }, true, false],
  [{ filter: { a: 1, b: 2 } }, { filter: { $and: [{ a: 3 }, { b: 4 }] } }, true, true],
  [{ filter: { a: 1, b: 2 } }, { filter: { b: 2, a: 1 } }, true, false],
  [
    { filter: { $or: [{ a: 1 }, { b: 2 }] } },
    { filter: { $or: [{ b: 1 }, { a: 2 }] } },
    true,
    false,
  ],
  [
    { filter: { $or: [{ a: 1 }, { b: 2 }] } },
    { filter: { $nor: [{ a: 1 }, { b: 2 }] } },
    false,
    false,
  ],
  [{ filter: { a: { $in: [1, 2] } } }, { filter: { a: { $in: [3, 4, 5] } } }, true, true],
  [{ filter: { a: { $in: [1, 2] } } }, { filter: { a: { $nin: [1, 2] } } }, false, false],
  [{ filter: { a: { $in: [1] } } }, a, true, false],
  [{ filter: { a: { $all: [1, 2] } } }, { filter: { a: { $all: [5, 6] } } }, true, true],
  [{ filter: { a: { $all: [1, 2] } } }, { filter: { a: { $all: [1, 2, 3] } } }, false, false],
  [{ filter: { a: { $type: 'int' } } }, { filter: { a: { $type: 'string' } } }, true, false],
  [{ filter: { a: { $type: 'int' } } }, { filter: { a: { $type: ['int'] } } }, true, true],
  [{ filter: { a: { $mod: [2, 0] } } }, { filter: { a: { $mod: [3, 1] } } }, true, true],
  [{ filter: { a: { $size: 2 } } }, { filter: { a: { $size: 3 } } }, true, true],
  [{ filter: { a: { $regex: '^x' } } }, { filter: { a: { $regex: '^y' } } }, true, true],
  [{ filter: { a: { $exists: true } } }, { filter: { a: { $exists: false } } }, false, false],
  [
    { filter: { a: { $elemMatch: { $gt: 1 } } } },
    { filter: { a: { $elemMatch: { $gt: 2 } } } },
    true,
    true,
  ],
  [
    { filter: { a: { $elemMatch: { $gt: 1 } } } },
    { filter: { a: { $elemMatch: { $lt: 1 } } } },
    false,
    false,
  ],
  [
    { filter: { a: { $elemMatch: { b: 1 } } } },
    { filter: { a: { $elemMatch: { c: 1 } } } },
    false,
    false,
  ],
  [a, { ...a, sort: { a: 1 } }, false, false],
  [{ ...a, sort: { a: 1 } }, { ...a, sort: { a: -1 } }, false, false],
  [{ ...a, sort: { a: 1, b: 1 } }, { ...a, sort: { b: 1, a: 1 } }, false, false],
  [a, { ...a, projection: { a: 1 } }, false, false],
  [{ ...a, projection: { b: 1 } }, { ...a, projection: { b: 0 } }, false, false],
  [{ ...a, projection: { b: 1 } }, { ...a, projection: { b: Long.ONE } }, true, true],
  [{ ...a, sort: { b: 1 } }, { ...a, sort: { b: Long.ONE } }, true, true],
  [
    { ...a, projection: { b: { $add: ['$a', Long.ONE] } } },
    { ...a, projection: { b: { $add: ['$a', Long.MAX_VALUE] } } },
    false,
    false,
  ],
  [{ ...a, projection: { a: 1, b: 1 } }, { ...a, projection: { b: 1, a: 1 } }, true, false],
];

describe('two queries', () => {
  test.each(pairs)(
    '%j and %j: one plan cache shape %s, one query shape %s',
    (one, other, isOneCache, isOneQuery) => {
      expect(cacheShape(one) === cacheShape(other)).toBe(isOneCache);
      expect(queryShape(one) === queryShape(other)).toBe(isOneQuery);
    },
  );

  test('with different collations have different plan cache shapes', () => {
    const shapes = [undefined, { locale: 'en' }, { locale: 'en', strength: 2 }].map((collation) =>
      cacheShape({ ...a, collation }),
    );
    expect(new Set(shapes).size).toBe(3);
  });
});

function pipelineShape(stages: readonly Document[]): string {
  const buffer = encodeDocument({ stages });
  const array = { buffer, type: BsonType.array, start: 12, end: buffer.length - 1 };
  return queryShapeHash({ command: 'aggregate', namespace: 'a.b', pipeline: array });
}

describe('two pipelines', () => {
  test.each<[readonly Document[], readonly Document[], boolean]>([
    [[{ $match: { a: 1 } }], [{ $match: { a: 2 } }], true],
    [[{ $limit: 5 }], [{ $limit: 10 }], true],
    [[{ $group: { _id: '$a' } }], [{ $group: { _id: '$b' } }], false],
    [[{ $match: { a: 1 } }], [{ $match: { a: 1 } }, { $limit: 5 }], false],
    [[{ $limit: 5 }], [{ $skip: 5 }], false],
  ])('%j and %j: one query shape %s', (one, other, isOne) => {
    expect(pipelineShape(one) === pipelineShape(other)).toBe(isOne);
  });
});
