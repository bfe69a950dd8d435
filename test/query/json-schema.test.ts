import { inspect } from 'node:util';
import { Binary, Decimal128, Double, Long } from 'bson';
import { describe, expect, it } from 'vitest';
import { decodeDocument, encodeDocument } from '../../src/bson/index.ts';
import { explainMismatch, parseProjection } from '../../src/query/index.ts';
import { type Fields, filterOf, matches, outcome, updateOf } from './documents.ts';

/** Under `$jsonSchema: {properties: {x: ...}}`: values of x that pass, and that do not. */
const values: readonly [schema: Fields, passing: unknown[], failing: unknown[]][] = [
  [{ bsonType: 'int' }, [1], [Long.fromNumber(1), new Double(1), '1', null]],
  [{ bsonType: 'number' }, [1, 1n, new Double(1.5), Decimal128.fromString('1')], ['1', null]],
  [{ bsonType: ['string', 'null'] }, ['', null], [1, []]],
  [{ bsonType: 'array' }, [[]], [{}, 'a']],
  [{ type: 'boolean' }, [true, false], [1, null]],
  [{ type: ['number', 'object'] }, [1, {}], ['1', []]],
  [{ type: 'null' }, [null], [0]],
  [{ enum: [1, 'a', { a: 1, b: 2 }] }, [1, 1n, 'a', { b: 2, a: 1 }], [2, 'b', { a: 1 }]],
  [{ minimum: 5 }, [5, 5n, new Double(5), Decimal128.fromString('5.0'), 'text'], [4, 4.9]],
  [{ minimum: 5, exclusiveMinimum: true }, [6, 5.1], [5]],
  [{ maximum: 5 }, [5, -1, null], [6, Number.POSITIVE_INFINITY]],
  [{ maximum: 5, exclusiveMaximum: true }, [4], [5, Decimal128.fromString('5')]],
  [{ maximum: 5, exclusiveMaximum: false }, [5], [6]],
  [{ multipleOf: 3 }, [0, 3, -6, 9n, 'text'], [1, 4, Number.NaN]],
  [{ multipleOf: 0.1 }, [0.3, 1, Decimal128.fromString('0.7')], [0.35]],
  [{ minLength: 2 }, ['ab', 'äö', 5], ['a', 'ä']],
  [{ maxLength: 2 }, ['ab', '日本', []], ['abc']],
  [{ pattern: '^a' }, ['abc', 5], ['ba']],
  [{ minItems: 1 }, [[1], 'text'], [[]]],
  [{ maxItems: 1 }, [[], [1]], [[1, 2]]],
  [
    { uniqueItems: true },
    [[1, 2], [], 5],
    [
      [1, 1n],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
  ],
  [{ uniqueItems: false }, [[1, 1]], []],
  [{ items: { bsonType: 'int' } }, [[], [1], 'text'], [[1, 'a']]],
  [{ items: [{ type: 'string' }, { type: 'number' }] }, [['a', 1, null], ['a']], [[1, 1]]],
  [{ items: [{}], additionalItems: false }, [[], [1]], [[1, 2]]],
  [{ items: [{}], additionalItems: { type: 'string' } }, [[1, 'a']], [[1, 2]]],
  [{ additionalItems: false }, [[1, 2]], []],
  [{ required: ['a'] }, [{ a: null }, 5], [{ b: 1 }, {}]],
  [{ properties: { a: { type: 'string' } } }, [{ a: 'x' }, {}, 5], [{ a: 1 }]],
  [{ patternProperties: { '^s': { type: 'string' } } }, [{ s: 'x', n: 1 }], [{ s1: 1 }]],
  [{ properties: { a: {} }, additionalProperties: false }, [{ a: 1 }, {}], [{ b: 1 }]],
  [
    { patternProperties: { '^s': {} }, additionalProperties: { type: 'number' } },
    [{ s: 'x', n: 1 }],
    [{ n: 'x' }],
  ],
  [{ minProperties: 1 }, [{ a: 1 }, 5], [{}]],
  [{ maxProperties: 1 }, [{}, { a: 1 }], [{ a: 1, b: 1 }]],
  [{ dependencies: { a: ['b'] } }, [{ a: 1, b: 1 }, { b: 1 }, {}], [{ a: 1 }]],
  [
    { dependencies: { a: { properties: { b: { type: 'string' } } } } },
    [{ a: 1, b: 'x' }, { b: 1 }],
    [{ a: 1, b: 1 }],
  ],
  [{ allOf: [{ minimum: 1 }, { maximum: 3 }] }, [1, 3], [0, 4]],
  [{ anyOf: [{ type: 'string' }, { minimum: 3 }] }, ['a', 3], [1]],
  [{ oneOf: [{ minimum: 1 }, { maximum: 3 }] }, [0, 4], [2]],
  [{ not: { type: 'string' } }, [1], ['a']],
  [{ title: 't', description: 'd' }, [1, 'a', null], []],
  [{ encrypt: {} }, [new Binary(Buffer.from([1]), 6)], [new Binary(Buffer.from([1]), 0), 'a']],
];

describe('$jsonSchema', () => {
  for (const [schema, passing, failing] of values) {
    const filter = { $jsonSchema: { properties: { x: schema } } };
    const all = [...passing.map((x) => [x, true]), ...failing.map((x) => [x, false])];
    it.each(all)(`${inspect(schema, { depth: 6 })} of %o: %s`, (x, passes) => {
      expect(matches(filter, { x })).toBe(passes);
    });
    it(`${inspect(schema, { depth: 6 })} says nothing of a missing field`, () => {
      expect(matches(filter, {})).toBe(true);
    });
  }

  it('is about the document itself at the top', () => {
    expect(matches({ $jsonSchema: { required: ['a'] } }, { a: 1 })).toBe(true);
    expect(matches({ $jsonSchema: { required: ['a'] } }, { b: 1 })).toBe(false);
    expect(matches({ $jsonSchema: { bsonType: 'object' } }, {})).toBe(true);
    expect(matches({ $jsonSchema: { bsonType: 'string' } }, {})).toBe(false);
    expect(matches({ $jsonSchema: {} }, {})).toBe(true);
  });

  it.each([
    [1, 14, '$jsonSchema must be an object'],
    [{ foo: 1 }, 9, 'Unknown $jsonSchema keyword: foo'],
    [{ $ref: 'x' }, 9, "$jsonSchema keyword '$ref' is not currently supported"],
    [{ format: 'x' }, 9, "$jsonSchema keyword 'format' is not currently supported"],
    [{ default: 1 }, 9, "$jsonSchema keyword 'default' is not currently supported"],
    [{ definitions: {} }, 9, "$jsonSchema keyword 'definitions' is not currently supported"],
    [{ id: 'x' }, 9, "$jsonSchema keyword 'id' is not currently supported"],
    [{ bsonType: 'nope' }, 2, 'Unknown type name alias: nope'],
    [{ type: 'int' }, 2, 'Unknown type name alias: int'],
    [{ type: 'integer' }, 9, "$jsonSchema type 'integer' is not currently supported."],
    [
      { type: 'string', bsonType: 'string' },
      9,
      "Cannot specify both $jsonSchema keywords 'type' and 'bsonType'",
    ],
    [
      { bsonType: 1 },
      14,
      "$jsonSchema keyword 'bsonType' must be either a string or an array of strings",
    ],
    [{ title: 1 }, 14, "$jsonSchema keyword 'title' must be a string"],
    [{ properties: 1 }, 14, "$jsonSchema keyword 'properties' must be an object"],
    [{ properties: { a: 1 } }, 14, "Nested schema for $jsonSchema property 'a' must be an object"],
    [{ minimum: 'a' }, 14, "$jsonSchema keyword 'minimum' must be a number"],
    [
      { exclusiveMinimum: true },
      9,
      "$jsonSchema keyword 'minimum' must be a present if exclusiveMinimum is present",
    ],
    [
      { minimum: 1, exclusiveMinimum: 1 },
      14,
      "$jsonSchema keyword 'exclusiveMinimum' must be a boolean",
    ],
    [{ multipleOf: 0 }, 9, "$jsonSchema keyword 'multipleOf' must have a positive value"],
    [{ minLength: -1 }, 9, "$jsonSchema keyword 'minLength' must be a non-negative number"],
    [{ minLength: 1.5 }, 9, "$jsonSchema keyword 'minLength' must be an integer"],
    [{ required: [] }, 9, "$jsonSchema keyword 'required' cannot be an empty array"],
    [
      { required: ['a', 'a'] },
      9,
      "$jsonSchema keyword 'required' array cannot contain duplicate values",
    ],
    [{ enum: [] }, 9, "$jsonSchema keyword 'enum' cannot be an empty array"],
    [{ enum: [1, 1n] }, 9, "$jsonSchema keyword 'enum' array cannot contain duplicate values"],
    [{ allOf: [] }, 2, "$jsonSchema keyword 'allOf' cannot be an empty array"],
    [
      { anyOf: [1] },
      14,
      "$jsonSchema keyword 'anyOf' must be an array of objects, but found an element of type int",
    ],
    [{ not: 1 }, 14, "$jsonSchema keyword 'not' must be an object"],
    [{ dependencies: { a: [] } }, 9, "$jsonSchema keyword 'dependencies' cannot be an empty array"],
    [{ items: 1 }, 14, "$jsonSchema keyword 'items' must be an array or an object"],
    [
      { additionalProperties: 1 },
      14,
      "$jsonSchema keyword 'additionalProperties' must be an object or a boolean",
    ],
    [{ uniqueItems: 1 }, 14, "$jsonSchema keyword 'uniqueItems' must be a boolean"],
  ])('%o is refused with %i', (schema, code, message) => {
    expect(outcome(() => filterOf({ $jsonSchema: schema }))).toEqual({ code, message });
  });

  it('is about the element in an $elemMatch', () => {
    const filter = { a: { $elemMatch: { $jsonSchema: { required: ['b'] } } } };

    expect(matches(filter, { a: [{ c: 1 }, { b: 1 }] })).toBe(true);
    expect(matches(filter, { a: [{ c: 1 }] })).toBe(false);
    expect(matches(filter, { a: { b: 1 } })).toBe(false);
  });

  it('has no place in a projection, in array filters and under $pull', () => {
    const refused = { code: 224, message: '$jsonSchema is not allowed in this context' };
    const inProjection = encodeDocument({ a: { $elemMatch: { $jsonSchema: {} } } });

    expect(outcome(() => parseProjection(inProjection, 0))).toEqual(refused);
    expect(outcome(() => updateOf({ $pull: { a: { $jsonSchema: {} } } }))).toMatchObject({
      code: 2,
    });
    const filters = [{ $jsonSchema: {} }];
    expect(outcome(() => updateOf({ $set: { 'a.$[x]': 1 } }, { arrayFilters: filters }))).toEqual(
      refused,
    );
  });
});

function details(filter: Fields, document: Fields): Fields {
  const { root } = filterOf(filter);
  return decodeDocument(encodeDocument(explainMismatch(root, encodeDocument(document), 0)));
}

describe('why a document does not match', () => {
  const rows: readonly [filter: Fields, document: Fields, details: Fields][] = [
    [
      {
        $jsonSchema: {
          title: 'Student',
          required: ['name', 'year'],
          properties: { year: { bsonType: 'int', description: 'a year' } },
        },
      },
      { year: '2019' },
      {
        operatorName: '$jsonSchema',
        title: 'Student',
        schemaRulesNotSatisfied: [
          {
            operatorName: 'properties',
            propertiesNotSatisfied: [
              {
                propertyName: 'year',
                description: 'a year',
                details: [
                  {
                    operatorName: 'bsonType',
                    specifiedAs: { bsonType: 'int' },
                    reason: 'type did not match',
                    consideredValue: '2019',
                    consideredType: 'string',
                  },
                ],
              },
            ],
          },
          {
            operatorName: 'required',
            specifiedAs: { required: ['name', 'year'] },
            missingProperties: ['name'],
          },
        ],
      },
    ],
    [
      { a: { $gt: 5 } },
      { a: 1 },
      {
        operatorName: '$gt',
        specifiedAs: { a: { $gt: 5 } },
        reason: 'comparison failed',
        consideredValue: 1,
      },
    ],
    [
      { a: { $gt: 5 } },
      {},
      { operatorName: '$gt', specifiedAs: { a: { $gt: 5 } }, reason: 'field was missing' },
    ],
    [
      { a: { $ne: 1 } },
      { a: [1, 2] },
      {
        operatorName: '$ne',
        specifiedAs: { a: { $ne: 1 } },
        reason: 'comparison succeeded',
        consideredValues: [1, 2, [1, 2]],
      },
    ],
    [
      { a: { $exists: true }, b: 1 },
      { b: 2 },
      {
        operatorName: '$and',
        clausesNotSatisfied: [
          {
            index: 0,
            details: {
              operatorName: '$exists',
              specifiedAs: { a: { $exists: true } },
              reason: 'path does not exist',
            },
          },
          {
            index: 1,
            details: {
              operatorName: '$eq',
              specifiedAs: { b: { $eq: 1 } },
              reason: 'comparison failed',
              consideredValue: 2,
            },
          },
        ],
      },
    ],
    [
      { $nor: [{ a: 1 }, { b: 1 }] },
      { b: 1 },
      {
        operatorName: '$nor',
        clausesSatisfied: [
          {
            index: 1,
            details: {
              operatorName: '$eq',
              specifiedAs: { b: { $eq: 1 } },
              reason: 'comparison succeeded',
              consideredValue: 1,
            },
          },
        ],
      },
    ],
    [
      { $expr: { $gt: ['$a', '$b'] } },
      { a: 1, b: 2 },
      {
        operatorName: '$expr',
        specifiedAs: { $expr: { $gt: ['$a', '$b'] } },
        reason: 'expression did not match',
        expressionResult: false,
      },
    ],
    [
      { a: { $type: 'string' } },
      { a: 1 },
      {
        operatorName: '$type',
        specifiedAs: { a: { $type: [2] } },
        reason: 'type did not match',
        consideredValue: 1,
        consideredType: 'int',
      },
    ],
  ];

  it.each(rows)('%o on %o', (filter, document, expected) => {
    expect(details(filter, document)).toEqual(expected);
  });

  it.each([
    [{ minimum: 1 }, 0, { specifiedAs: { minimum: 1 }, reason: 'comparison failed' }],
    [
      { additionalProperties: false, properties: { a: {} } },
      { a: 1, b: 1 },
      { specifiedAs: { additionalProperties: false }, additionalProperties: ['b'] },
    ],
    [
      { oneOf: [{ minimum: 1 }, { maximum: 3 }] },
      2,
      { reason: 'more than one subschema matched', matchingSchemaIndexes: [0, 1] },
    ],
    [{ uniqueItems: true }, [1, 1], { reason: 'found a duplicate item', duplicatedValue: 1 }],
    [{ items: { minimum: 1 } }, [1, 0], { itemIndex: 1 }],
    [{ minProperties: 1 }, {}, { numberOfProperties: 0 }],
    [
      { dependencies: { a: ['b'] } },
      { a: 1 },
      { failingDependencies: [{ conditionalProperty: 'a', missingProperties: ['b'] }] },
    ],
    [{ not: {} }, 1, { operatorName: 'not', reason: 'child expression matched' }],
    [{ allOf: [{}, { minimum: 1 }] }, 0, { schemasNotSatisfied: [{ index: 1 }] }],
  ])('of the keyword %o on %o', (schema, x, expected) => {
    const filter = { $jsonSchema: { properties: { x: schema } } };
    const told = details(filter, { x }).schemaRulesNotSatisfied as Fields[];
    expect(told).toMatchObject([{ propertiesNotSatisfied: [{ details: [expected] }] }]);
  });
});
