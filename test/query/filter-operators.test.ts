import { inspect } from 'node:util';
import {
  Binary,
  BSONRegExp,
  Decimal128,
  Double,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { describe, expect, it } from 'vitest';
import { encodeDocument } from '../../src/bson/index.ts';
import { type Fields, filterOf, matches, outcome } from './documents.ts';

type Row = readonly [Fields, Fields, boolean];

const min = new MinKey();
const max = new MaxKey();
const nan = Number.NaN;

const tables: Record<string, readonly Row[]> = {
  'null and missing': [
    [{ a: null }, { a: [] }, false],
    [{ a: null }, { a: [1, null] }, true],
    [{ a: null }, { a: 0 }, false],
    [{ 'a.b': null }, {}, true],
    [{ 'a.b': null }, { a: {} }, true],
    [{ 'a.b': null }, { a: { b: 1 } }, false],
    [{ 'a.b': null }, { a: [{}] }, true],
    [{ 'a.b': null }, { a: [{ b: 1 }] }, false],
    [{ 'a.b': null }, { a: [[]] }, false],
    [{ a: { $ne: null } }, {}, false],
    [{ a: { $ne: null } }, { a: [] }, true],
    [{ 'a.b': { $ne: null } }, { a: [] }, true],
    [{ a: { $gte: null } }, {}, true],
    [{ a: { $lte: null } }, { a: null }, true],
    [{ a: { $gt: null } }, { a: 1 }, false],
    [{ a: { $lt: null } }, {}, false],
    [{ a: { $in: [null] } }, {}, true],
    [{ a: { $nin: [null] } }, {}, false],
    [{ a: { $exists: true } }, { a: null }, true],
    [{ a: { $exists: false } }, {}, true],
    [{ a: { $exists: 0 } }, { a: 1 }, false],
    [{ 'a.b': { $exists: true } }, { a: [{ b: 1 }] }, true],
    [{ 'a.b': { $exists: false } }, { a: [1] }, true],
    [{ 'a.0': { $exists: true } }, { a: [1] }, true],
    [{ 'a.1': { $exists: true } }, { a: [1] }, false],
  ],
  'type brackets': [
    [{ a: { $gt: 1 } }, { a: 2n }, true],
    [{ a: { $gt: 1 } }, { a: new Decimal128('1.1') }, true],
    [{ a: { $gt: 1 } }, { a: true }, false],
    [{ a: { $lt: 'b' } }, { a: 'a' }, true],
    [{ a: { $lt: 'b' } }, { a: 1 }, false],
    [{ a: { $lt: '\u{ffff}' } }, { a: '\u{10000}' }, false],
    [{ a: { $gt: {} } }, { a: { b: 1 } }, true],
    [{ a: { $gt: false } }, { a: true }, true],
    [{ a: { $gte: new Date(1) } }, { a: new Date(2) }, true],
    [{ a: { $gte: new Date(1) } }, { a: new Timestamp({ t: 9, i: 1 }) }, false],
    [{ a: { $gt: [1] } }, { a: [2] }, true],
    [{ a: { $gt: [1] } }, { a: [0, 5] }, false],
    [{ a: { $lt: [1, 2] } }, { a: [[1]] }, true],
    [
      { a: { $gt: new ObjectId('000000000000000000000001') } },
      { a: new ObjectId('000000000000000000000002') },
      true,
    ],
    [{ a: Long.fromString('9007199254740993') }, { a: 9007199254740992n }, false],
    [{ a: new Double(1) }, { a: 1n }, true],
    [{ a: new Decimal128('1.0') }, { a: 1 }, true],
    [{ a: new Double(-0) }, { a: 0 }, true],
    [{ a: true }, { a: 1 }, false],
    [{ a: new Binary(Buffer.from('x'), 0) }, { a: new Binary(Buffer.from('x'), 5) }, false],
    [{ a: { b: 1, c: 2 } }, { a: { c: 2, b: 1 } }, false],
    [{ a: { b: 1 } }, { a: { b: new Double(1) } }, true],
  ],
  'NaN, MinKey and MaxKey': [
    [{ a: nan }, { a: nan }, true],
    [{ a: nan }, { a: new Decimal128('NaN') }, true],
    [{ a: { $gte: nan } }, { a: nan }, true],
    [{ a: { $gt: nan } }, { a: 1 }, false],
    [{ a: { $lt: 1 } }, { a: nan }, false],
    [{ a: { $lte: nan } }, { a: 1 }, false],
    [{ a: { $in: [nan] } }, { a: nan }, true],
    [{ a: { $gt: min } }, { a: 1 }, true],
    [{ a: { $gt: min } }, { a: min }, false],
    [{ a: { $gte: min } }, {}, true],
    [{ a: { $lt: max } }, { a: 'x' }, true],
    [{ a: { $lt: max } }, { a: max }, false],
    [{ a: { $lte: max } }, { a: max }, true],
    [{ a: { $lt: min } }, { a: 1 }, false],
    [{ a: min }, { a: min }, true],
    [{ a: max }, { a: 1 }, false],
  ],
  arrays: [
    [{ a: [1, 2] }, { a: [1, 2] }, true],
    [{ a: [1, 2] }, { a: [[1, 2], 3] }, true],
    [{ a: [1, 2] }, { a: [1, 2, 3] }, false],
    [{ a: [] }, { a: [] }, true],
    [{ a: 1 }, { a: [[1]] }, false],
    [{ a: { $gt: 1, $lt: 3 } }, { a: [0, 5] }, true],
    [{ 'a.b': { $gt: 1, $lt: 3 } }, { a: [{ b: 0 }, { b: 5 }] }, true],
    [{ 'a.0.b': 1 }, { a: [{ b: 1 }, { b: 2 }] }, true],
    [{ 'a.1.b': 1 }, { a: [{ b: 1 }, { b: 2 }] }, false],
    [{ 'a.0.0': 1 }, { a: [[1]] }, true],
    [{ 'a.0': 1 }, { a: [[1]] }, false],
    [{ 'a.0.b': 1 }, { a: [[{ b: 1 }]] }, true],
    [{ 'a.b.c': 1 }, { a: [{ b: [{ c: 1 }] }] }, true],
    [{ 'a.b': 1 }, { a: [[{ b: 1 }]] }, false],
    [{ 'a.1': 4 }, { a: [{ 1: 4 }] }, true],
    [{ 'a.00': 1 }, { a: [1] }, false],
    [{ a: { $ne: 1 } }, { a: [2, 3] }, true],
    [{ a: { $nin: [1, 2] } }, { a: [3, 2] }, false],
    [{ a: { $not: { $gt: 1 } } }, { a: [0, 2] }, false],
    [{ a: { $not: { $gt: 1 } } }, {}, true],
    [{ a: { $not: { $gt: 1 } } }, { a: 'x' }, true],
  ],
  '$elemMatch, $all and $size': [
    [{ a: { $elemMatch: { b: 1, c: 2 } } }, { a: [{ b: 1, c: 2 }] }, true],
    [{ a: { $elemMatch: { b: 1, c: 2 } } }, { a: [{ b: 1 }, { c: 2 }] }, false],
    [{ a: { $elemMatch: { b: 1 } } }, { a: { b: 1 } }, false],
    [{ a: { $elemMatch: { 0: 1 } } }, { a: [[1]] }, true],
    [{ a: { $elemMatch: { $gt: 1, $lt: 3 } } }, { a: [0, 5] }, false],
    [{ a: { $elemMatch: { $gt: 1, $lt: 3 } } }, { a: [2] }, true],
    [{ a: { $elemMatch: { $gt: 1 } } }, { a: 2 }, false],
    [{ a: { $elemMatch: { $ne: 1 } } }, { a: [1, 2] }, true],
    [{ a: { $elemMatch: { $not: { $gt: 1 } } } }, { a: [5, 1] }, true],
    [{ a: { $elemMatch: { $in: [1] } } }, { a: [1] }, true],
    [{ a: { $elemMatch: { $elemMatch: { $gt: 1 } } } }, { a: [[2]] }, true],
    [{ a: { $elemMatch: { $or: [{ b: 1 }, { b: 2 }] } } }, { a: [{ b: 2 }] }, true],
    [{ a: { $elemMatch: {} } }, { a: [{}] }, true],
    [{ a: { $elemMatch: {} } }, { a: [1] }, false],
    [{ 'a.b': { $elemMatch: { c: 1 } } }, { a: [{ b: [{ c: 1 }] }] }, true],
    [{ a: { $all: [1, 2] } }, { a: [2, 1, 3] }, true],
    [{ a: { $all: [1, 2] } }, { a: [1] }, false],
    [{ a: { $all: [1] } }, { a: 1 }, true],
    [{ a: { $all: [[1]] } }, { a: [1] }, true],
    [{ a: { $all: [[1]] } }, { a: [[1]] }, true],
    [{ a: { $all: [] } }, { a: [] }, false],
    [{ a: { $all: [{ $match: { b: 1 } }] } }, { a: [{ $match: { b: 1 } }] }, true],
    [{ a: { $all: [/^x/] } }, { a: ['xy'] }, true],
    [
      { a: { $all: [{ $elemMatch: { b: 1 } }, { $elemMatch: { b: 2 } }] } },
      { a: [{ b: 1 }, { b: 2 }] },
      true,
    ],
    [{ a: { $size: 2 } }, { a: [1, 2] }, true],
    [{ a: { $size: 0 } }, { a: [] }, true],
    [{ a: { $size: 1 } }, { a: 1 }, false],
    [{ a: { $size: 1 } }, { a: [[1, 2]] }, true],
    [{ a: { $size: 2 } }, { a: [[1, 2]] }, false],
    [{ a: { $size: 2n } }, { a: [1, 2] }, true],
  ],
  $type: [
    [{ a: { $type: 'int' } }, { a: 1 }, true],
    [{ a: { $type: 'long' } }, { a: 1 }, false],
    [{ a: { $type: 'number' } }, { a: new Decimal128('1') }, true],
    [{ a: { $type: 2 } }, { a: 'x' }, true],
    [{ a: { $type: 'array' } }, { a: [1] }, true],
    [{ a: { $type: 'int' } }, { a: ['x', 1] }, true],
    [{ a: { $type: 'array' } }, { a: 1 }, false],
    [{ a: { $type: ['string', 'null'] } }, { a: null }, true],
    [{ a: { $type: 'null' } }, {}, false],
    [{ a: { $type: -1 } }, { a: min }, true],
    [{ a: { $type: 'maxKey' } }, { a: max }, true],
    [{ a: { $type: 'objectId' } }, { a: new ObjectId() }, true],
    [{ a: { $type: 'regex' } }, { a: new BSONRegExp('x') }, true],
    [{ a: { $type: 'timestamp' } }, { a: new Timestamp({ t: 1, i: 1 }) }, true],
    [{ a: { $type: 'binData' } }, { a: new Binary(Buffer.from('x')) }, true],
    [{ a: { $type: new Double(16) } }, { a: 1 }, true],
  ],
  '$mod and bits': [
    [{ a: { $mod: [4, 0] } }, { a: 8 }, true],
    [{ a: { $mod: [4, 1] } }, { a: 8 }, false],
    [{ a: { $mod: [4, 0] } }, { a: 8.9 }, true],
    [{ a: { $mod: [4.9, 0] } }, { a: 8 }, true],
    [{ a: { $mod: [4, -1] } }, { a: -5 }, true],
    [{ a: { $mod: [4, 0] } }, { a: nan }, false],
    [{ a: { $mod: [4, 0] } }, { a: '8' }, false],
    [{ a: { $mod: [4, 0] } }, { a: [1, 8] }, true],
    [{ a: { $mod: [4, 0] } }, { a: new Decimal128('8.5') }, true],
    [{ a: { $bitsAllSet: 5 } }, { a: 7 }, true],
    [{ a: { $bitsAllSet: [0, 2] } }, { a: 4 }, false],
    [{ a: { $bitsAnySet: [0, 2] } }, { a: 4 }, true],
    [{ a: { $bitsAllClear: 5 } }, { a: 2 }, true],
    [{ a: { $bitsAnyClear: 5 } }, { a: 7 }, false],
    [{ a: { $bitsAllSet: [200] } }, { a: -1 }, true],
    [{ a: { $bitsAllSet: [0] } }, { a: 1.5 }, false],
    [{ a: { $bitsAllSet: [9] } }, { a: new Binary(Buffer.from([0, 2])) }, true],
    [{ a: { $bitsAllClear: [99] } }, { a: new Binary(Buffer.from([255])) }, true],
  ],
  'logic and lists': [
    [{}, { a: 1 }, true],
    [{ $and: [{}] }, { a: 1 }, true],
    [{ $nor: [{ a: 1 }] }, {}, true],
    [{ $or: [{ a: 1 }, { $and: [{ b: 1 }, { c: 1 }] }] }, { b: 1, c: 1 }, true],
    [{ $comment: 'x', a: 1 }, { a: 1 }, true],
    [{ a: { $eq: 1, $comment: 'x' } }, { a: 1 }, true],
    [{ $alwaysTrue: 1 }, {}, true],
    [{ $alwaysFalse: 1 }, {}, false],
    [{ a: { $in: [] } }, { a: 1 }, false],
    [{ a: { $in: [1, /^x/] } }, { a: 'xy' }, true],
    [{ a: { $in: [[1]] } }, { a: [1] }, true],
    [{ a: { $in: [1n] } }, { a: new Decimal128('1') }, true],
    [{ a: { $nin: [] } }, {}, true],
    [{ a: { $not: /^x/ } }, { a: 'y' }, true],
    [{ a: { $not: { $regex: '^x' } } }, { a: 'xx' }, false],
    [{ a: /^x/ }, { a: ['y', 'x'] }, true],
    [{ a: /^x/ }, { a: 1 }, false],
    [{ a: { $ref: 'c', $id: 1 } }, { a: { $ref: 'c', $id: 1 } }, true],
    [{ '': 1 }, { '': 1 }, true],
    [{ 'ä.ö': 1 }, { ä: { ö: 1 } }, true],
  ],
};

for (const [name, rows] of Object.entries(tables)) {
  describe(name, () => {
    for (const [filter, document, expected] of rows) {
      const title = `${inspect(filter, { depth: 6 })} on ${inspect(document, { depth: 6 })}`;
      it(`${title}: ${expected}`, () => {
        expect(matches(filter, document)).toBe(expected);
      });
    }
  });
}

const errors: readonly (readonly [Fields, number, string])[] = [
  [{ a: { $foo: 1 } }, 2, 'unknown operator: $foo'],
  [
    { $foo: 1 },
    2,
    "unknown top level operator: $foo. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.",
  ],
  [{ a: { $eq: 1, b: 2 } }, 2, 'unknown operator: b'],
  [{ $and: 1 }, 2, '$and must be an array'],
  [{ $or: [] }, 2, '$and/$or/$nor must be a nonempty array'],
  [{ $nor: [1] }, 2, '$or/$and/$nor entries need to be full objects'],
  [{ a: { $in: 1 } }, 2, '$in needs an array'],
  [{ a: { $nin: 1 } }, 2, '$nin needs an array'],
  [{ a: { $in: [{ $gt: 1 }] } }, 2, 'cannot nest $ under $in'],
  [{ a: { $not: 1 } }, 2, '$not needs a regex or a document'],
  [{ a: { $not: {} } }, 2, '$not cannot be empty'],
  [{ a: { $ne: /x/ } }, 2, "Can't have regex as arg to $ne."],
  [{ a: { $gt: /x/ } }, 2, "Can't have RegEx as arg to predicate over field 'a'."],
  [{ a: { $all: 1 } }, 2, '$all needs an array'],
  [{ a: { $all: [{ $gt: 1 }] } }, 2, 'no $ expressions in $all'],
  [{ a: { $all: [1, { $near: [0, 0] }] } }, 2, 'no $ expressions in $all'],
  [{ a: { $elemMatch: 1 } }, 2, '$elemMatch needs an Object'],
  [{ a: { $size: 'x' } }, 2, 'Failed to parse $size. Expected a number in: $size: "x"'],
  [{ a: { $size: 1.5 } }, 2, 'Failed to parse $size. Expected an integer: $size: 1.5'],
  [{ a: { $size: -1 } }, 2, 'Failed to parse $size. Expected a non-negative number in: $size: -1'],
  [
    { a: { $size: 2n ** 40n } },
    2,
    'Failed to parse $size. Cannot represent in int: $size: 1099511627776',
  ],
  [
    { a: { $bitsAllSet: [2n ** 31n] } },
    2,
    'Failed to parse bit position. Cannot represent in int: 0: 2147483648',
  ],
  [{ a: { $type: 'foo' } }, 2, 'Unknown type name alias: foo'],
  [{ a: { $type: 42 } }, 2, 'Invalid numerical type code: 42'],
  [{ a: { $type: [] } }, 9, '$type must match at least one type'],
  [{ a: { $mod: 1 } }, 2, 'malformed mod, needs to be an array'],
  [{ a: { $mod: [1] } }, 2, 'malformed mod, not enough elements'],
  [{ a: { $mod: [1, 2, 3] } }, 2, 'malformed mod, too many elements'],
  [{ a: { $mod: [0, 1] } }, 2, 'divisor cannot be 0'],
  [{ a: { $mod: ['x', 1] } }, 2, 'malformed mod, divisor not a number'],
  [{ a: { $regex: 1 } }, 2, '$regex has to be a string'],
  [{ a: { $options: 'i' } }, 2, '$options needs a $regex'],
  [
    { a: { $regex: new BSONRegExp('x', 'i'), $options: 'm' } },
    51075,
    'options set in both $regex and $options',
  ],
  [{ $where: '1' }, 2, '$where is not allowed in this context'],
];

describe('a filter is refused', () => {
  for (const [filter, code, message] of errors) {
    it(`${inspect(filter, { depth: 5 })}: ${code}`, () => {
      expect(outcome(() => filterOf(filter))).toEqual({ code, message });
    });
  }
});

describe('the matched position', () => {
  it.each([
    [{ a: 2 }, { a: [1, 2] }, 1],
    [{ 'a.b': 2 }, { a: [{ b: 1 }, { b: 2 }] }, 1],
    [{ a: { $elemMatch: { $gt: 1 } } }, { a: [1, 5] }, 1],
    [{ a: 1 }, { a: 1 }, -1],
    [{ a: 1, b: 2 }, { a: [1], b: [1, 2] }, 1],
    // A position that the filter itself names is none that was found.
    [{ 'a.1': 2 }, { a: [1, 2] }, -1],
    [{ 'a.1.b': 2 }, { a: [{ b: 1 }, { b: 2 }] }, -1],
    [{ 'a.1.b': 2 }, { a: [{ b: 1 }, { b: [1, 2] }] }, 1],
    [{ 'a.0.b': 2 }, { a: [[{ b: 1 }, { b: 2 }]] }, 1],
    [{ 'a.1': 2 }, { a: [{ 1: 3 }, { 1: 2 }] }, 1],
    [{ 'a.b.0': 2 }, { a: [{ b: [1] }, { b: [2] }] }, 1],
    [{ $or: [{ a: 2 }, { a: 3 }] }, { a: [1, 2] }, 1],
    [{ $or: [{ a: 2 }, { b: 3 }] }, { a: [1, 2] }, -1],
    [{ $and: [{ a: { $gt: 1 } }, { a: { $lt: 3 } }] }, { a: [1, 2, 3] }, 1],
  ])('of %j in %j is %j', (filter, document, position) => {
    const parsed = filterOf(filter);
    expect(parsed.positionOfMatch(encodeDocument(document), 0)).toBe(position);
  });
});

describe('a filter in filters', () => {
  const nested = (levels: number): Record<string, unknown> =>
    levels === 0 ? { a: { $exists: true } } : { $and: [nested(levels - 1)] };

  it('may be as deep as a document', () => {
    expect(filterOf(nested(99)).matches(encodeDocument({ a: 1 }), 0)).toBe(true);
    expect(filterOf(nested(99)).matches(encodeDocument({ b: 1 }), 0)).toBe(false);
  });
});
