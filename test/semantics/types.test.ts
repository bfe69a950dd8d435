/** The types of values: $type by alias and by code, and the order of values of all types. */
import { Binary, BSONRegExp, BSONSymbol, Code, MaxKey, MinKey, ObjectId, Timestamp } from 'bson';
import { describe, expect, it } from 'vitest';
import { encodeDocument } from '../../src/bson/index.ts';
import { parseSort } from '../../src/query/index.ts';
import { matches } from '../query/documents.ts';
import { d, i, l, maxLong, n } from './numbers.ts';
import { exact } from './table.ts';

/** Of each type but array: alias, code, an example. */
const types: readonly (readonly [alias: string, code: number, example: unknown])[] = [
  ['double', 1, d(1.5)],
  ['string', 2, 'x'],
  ['object', 3, { x: 1 }],
  ['binData', 5, new Binary(Buffer.from([1]))],
  ['objectId', 7, new ObjectId('000000000000000000000001')],
  ['bool', 8, true],
  ['date', 9, new Date(0)],
  ['null', 10, null],
  ['regex', 11, new BSONRegExp('x')],
  ['dbPointer', 12, undefined],
  ['javascript', 13, new Code('x')],
  ['symbol', 14, new BSONSymbol('x')],
  ['javascriptWithScope', 15, new Code('x', { y: 1 })],
  ['int', 16, i(1)],
  ['timestamp', 17, Timestamp.fromBits(1, 1)],
  ['long', 18, l(1)],
  ['decimal', 19, n('1')],
  ['minKey', -1, new MinKey()],
  ['maxKey', 127, new MaxKey()],
];
const examples = types.filter(([, , example]) => example !== undefined);

describe.each(types)('$type %s (%i)', (alias, code) => {
  it.each([alias, code, [alias], [code, 'undefined'], n(String(code)), l(code)])(
    'as %j is what values of that type are, and no others',
    (wanted) => {
      const found = examples.filter(([, , a]) => matches({ a: { $type: wanted } }, { a }));
      expect(found.map(([name]) => name)).toEqual(
        examples.map(([name]) => name).filter((name) => name === alias),
      );
    },
  );
});

it.each([
  ['number', ['double', 'int', 'long', 'decimal']],
  [
    ['int', 'string'],
    ['string', 'int'],
  ],
  [
    ['number', 'null'],
    ['double', 'null', 'int', 'long', 'decimal'],
  ],
])('$type %j is several types', (wanted, aliases) => {
  const found = examples.filter(([, , a]) => matches({ a: { $type: wanted } }, { a }));
  expect(found.map(([name]) => name)).toEqual(aliases);
});

it.each([
  [{ $type: 'array' }, [], true],
  [{ $type: 'array' }, [1], true],
  [{ $type: 4 }, [[1]], true],
  [{ $type: 'array' }, 1, false],
  [{ $type: 'int' }, [i(1), 'x'], true],
  [{ $type: 'string' }, [i(1)], false],
  [{ $type: 'int' }, [[i(1)]], false],
  [{ $type: 'object' }, [{}], true],
  [{ $type: 'null' }, [null], true],
])('%j of %j is %j', (predicate, a, expected) => {
  expect(matches({ a: predicate }, { a })).toBe(expected);
});

/** Ascending; values in one list sort as equals. */
const ascending: readonly (readonly unknown[])[] = [
  [new MinKey()],
  [[]],
  [null, undefined],
  [d(Number.NaN), n('NaN')],
  [d(Number.NEGATIVE_INFINITY), n('-Infinity')],
  [l(-maxLong - 1n), d(-(2 ** 63))],
  [i(-1), l(-1), d(-1), n('-1'), n('-1.00')],
  [n('-1E-6176')],
  [i(0), l(0), d(0), d(-0), n('0'), n('-0'), n('0E+3')],
  [n('1E-6176')],
  [d(5e-324)],
  [n('0.1')],
  [d(0.1)],
  [i(1), l(1), d(1), n('1.0')],
  [d(1.5), n('1.5')],
  [l(2n ** 53n), d(2 ** 53)],
  [l(2n ** 53n + 1n), n('9007199254740993')],
  [l(maxLong), n('9223372036854775807')],
  [d(2 ** 63), n('9223372036854775808')],
  [n('9.999999999999999999999999999999999E+6144')],
  [d(Number.POSITIVE_INFINITY), n('Infinity')],
  [''],
  ['\u0000'],
  ['A'],
  ['a', new BSONSymbol('a')],
  ['a\u0000'],
  ['aa'],
  ['b'],
  ['é'],
  ['\uffff'],
  ['\u{10000}'],
  [{}],
  [{ a: i(1) }],
  [{ a: i(1), b: i(1) }],
  [{ a: i(2) }],
  [{ b: i(0) }],
  [{ a: 'x' }],
  [new Binary(Buffer.from([]), 0)],
  [new Binary(Buffer.from([9]), 0)],
  [new Binary(Buffer.from([1]), 5)],
  [new Binary(Buffer.from([0, 0]), 0)],
  [new ObjectId('000000000000000000000000')],
  [new ObjectId('0000000000000000000000ff')],
  [new ObjectId('ff0000000000000000000000')],
  [false],
  [true],
  [new Date(-1)],
  [new Date(0)],
  [new Date(1)],
  [Timestamp.fromBits(0, 0)],
  [Timestamp.fromBits(9, 1)],
  [Timestamp.fromBits(1, 2)],
  [new BSONRegExp('a')],
  [new BSONRegExp('a', 'i')],
  [new BSONRegExp('b')],
  [new Code('a')],
  [new Code('b')],
  [new Code('a', {})],
  [new MaxKey()],
];

function keyOf(a: unknown): Buffer {
  return parseSort(encodeDocument({ a: 1 }), 0).keyOf(
    encodeDocument(a === undefined ? {} : { a }),
    0,
  );
}

const neighbours = ascending.slice(1).map((after, at) => [ascending[at]![0], after[0]] as const);

it.each(neighbours.map(([a, b]) => [exact(a), exact(b), a, b] as const))(
  '%s sorts before %s',
  (_a, _b, a, b) => {
    expect(Buffer.compare(keyOf(a), keyOf(b))).toBe(-1);
  },
);

const equals = ascending.flatMap((list) => list.slice(1).map((other) => [list[0], other] as const));

it.each(equals.map(([a, b]) => [exact(a), exact(b), a, b] as const))(
  '%s sorts as %s does',
  (_a, _b, a, b) => {
    expect(Buffer.compare(keyOf(a), keyOf(b))).toBe(0);
  },
);

/** An array sorts by its least element, or by its greatest when the order is descending. */
it.each([
  [[i(3), i(1)], i(1), i(3)],
  [[i(2)], i(2), i(2)],
  [['a', i(5)], i(5), 'a'],
  [[[i(1)], i(9)], i(9), [i(1)]],
  [[null, i(1)], null, i(1)],
  [[{}, 'x'], 'x', {}],
])('%j sorts as %j upwards and as %j downwards', (array, least, greatest) => {
  const down = parseSort(encodeDocument({ a: -1 }), 0);
  expect(keyOf(array).equals(keyOf(least))).toBe(true);
  const downwards = (a: unknown) => down.keyOf(encodeDocument({ a: [a] }), 0);
  expect(down.keyOf(encodeDocument({ a: array }), 0).equals(downwards(greatest))).toBe(true);
});

/** Comparisons find values of the operand's type only; numbers are one type. */
const operands: readonly (readonly [
  name: string,
  operand: unknown,
  above: unknown,
  below: unknown,
])[] = [
  ['numbers', i(5), d(5.5), l(4)],
  ['decimals', n('5'), i(6), d(4.9)],
  ['strings', 'm', 'n', 'l'],
  ['documents', { a: i(1) }, { a: i(2) }, { a: i(0) }],
  ['arrays', [false], [true], []],
  [
    'object ids',
    new ObjectId('00000000000000000000000f'),
    new ObjectId('0000000000000000000000ff'),
    new ObjectId('000000000000000000000001'),
  ],
  ['dates', new Date(5), new Date(6), new Date(4)],
  ['timestamps', Timestamp.fromBits(5, 5), Timestamp.fromBits(6, 5), Timestamp.fromBits(4, 5)],
  [
    'binary data',
    new Binary(Buffer.from([5])),
    new Binary(Buffer.from([6])),
    new Binary(Buffer.from([4])),
  ],
];

describe.each(operands)('%s', (name, operand, above, below) => {
  const strangers = operands.filter(
    ([other]) => other !== name && !(isNumber(name) && isNumber(other)),
  );

  it.each([
    ['$gt', [above], [operand, below]],
    ['$gte', [above, operand], [below]],
    ['$lt', [below], [operand, above]],
    ['$lte', [below, operand], [above]],
    ['$eq', [operand], [above, below]],
  ])('%s finds what it should', (operator, found, missed) => {
    const finds = (a: unknown) => matches({ a: { [operator]: operand } }, { a });
    expect(found.map(finds)).toEqual(found.map(() => true));
    expect(missed.map(finds)).toEqual(missed.map(() => false));
  });

  it.each(['$gt', '$gte', '$lt', '$lte'])('%s finds nothing of other types', (operator) => {
    for (const [, stranger] of strangers) {
      expect(matches({ a: { [operator]: operand } }, { a: stranger })).toBe(false);
    }
  });
});

function isNumber(name: string): boolean {
  return name === 'numbers' || name === 'decimals';
}
