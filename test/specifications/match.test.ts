/** What the matcher takes for a match, and what it does not: both, row by row. */
import { Binary, Decimal128, type Document, Long, ObjectId, Timestamp } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { Mismatch, match } from './match.ts';

const id = new ObjectId();
const context = {
  entity: (name: string): unknown => ({ one: 1, nested: { y: { $$exists: true } } })[name],
  sessionLsid: (): Document => ({ id: new Binary(Buffer.from([1]), 4) }),
};

type Row = readonly [expected: unknown, actual: unknown];

const matches: readonly Row[] = [
  [1, 1],
  [1, Long.fromNumber(1)],
  [Long.fromString('9007199254740993'), Long.fromString('9007199254740993')],
  [Number.NaN, Number.NaN],
  [null, null],
  [id, new ObjectId(id.toHexString())],
  [new Date(5), new Date(5)],
  [Decimal128.fromString('1.0'), Decimal128.fromString('1.0')],
  [{ a: 1 }, { b: 2, a: 1 }],
  [{ a: { b: 1, c: 2 } }, { a: { c: 2, b: 1 } }],
  [{ sort: { a: 1 } }, { sort: new Map([['a', 1]]) }],
  [[{ a: 1 }], [{ a: 1, b: 2 }]],
  [{ a: { $$exists: true } }, { a: null }],
  [{ a: { $$exists: false } }, {}],
  [{ a: { $$exists: false } }, { a: undefined }],
  [{ a: { $$type: 'string' } }, { a: '' }],
  [{ a: { $$type: ['int', 'long'] } }, { a: Long.fromNumber(7) }],
  [{ a: { $$type: 'number' } }, { a: Decimal128.fromString('7') }],
  [{ $$unsetOrMatches: 3 }, undefined],
  [{ $$unsetOrMatches: { a: 1 } }, { a: 1, b: 1 }],
  [{ a: { $$unsetOrMatches: 3 } }, {}],
  [{ a: { $$matchesEntity: 'one' } }, { a: 1 }],
  [{ a: { $$matchesEntity: 'nested' } }, { a: { y: 0 } }],
  [{ lsid: { $$sessionLsid: 'session0' } }, { lsid: { id: new Binary(Buffer.from([1]), 4) } }],
  [{ $$matchesHexBytes: '12AB' }, Buffer.from('12ab', 'hex')],
  [{ a: { $$lte: 5 } }, { a: 5 }],
  [{ a: { $$matchAsDocument: { b: 1 } } }, { a: '{"b": 1}' }],
  [{ a: { $$matchAsDocument: { $$matchAsRoot: { b: 1 } } } }, { a: '{"b": 1, "c": 2}' }],
  [{ a: { $$matchAsRoot: { b: 1 } } }, { a: { b: 1, c: 1 } }],
];

const mismatches: readonly Row[] = [
  [1, 1.5],
  [1, '1'],
  [1, Decimal128.fromString('1')],
  [1, undefined],
  [null, undefined],
  [Long.fromString('9007199254740993'), Long.fromString('9007199254740992')],
  [Timestamp.fromBits(1, 2), Timestamp.fromBits(2, 2)],
  [Decimal128.fromString('1.0'), Decimal128.fromString('1')],
  [new Date(5), new Date(6)],
  [id, new ObjectId()],
  [{ a: 1, b: 2 }, { a: 1 }],
  [{ a: { b: 1 } }, { a: { b: 1, c: 1 } }],
  [{ a: [{ b: 1 }] }, { a: [{ b: 1, c: 1 }] }],
  [
    [1, 2],
    [1, 2, 3],
  ],
  [[1], { 0: 1 }],
  [{}, []],
  [{ a: { $$exists: true } }, {}],
  [{ a: { $$exists: false } }, { a: null }],
  [{ a: { $$type: 'int' } }, { a: 2 ** 31 }],
  [{ a: { $$type: 'string' } }, { a: 1 }],
  [{ a: { $$type: 'long' } }, { a: Timestamp.fromBits(1, 0) }],
  [{ a: { $$unsetOrMatches: 3 } }, { a: 4 }],
  [{ a: { $$unsetOrMatches: 3 } }, { a: null }],
  [{ a: { $$matchesEntity: 'one' } }, { a: 2 }],
  [{ lsid: { $$sessionLsid: 'session0' } }, { lsid: { id: new Binary(Buffer.from([2]), 4) } }],
  [{ $$matchesHexBytes: '12AB' }, Buffer.from('12ac', 'hex')],
  [{ a: { $$lte: 5 } }, { a: 5.1 }],
  [{ a: { $$lte: 5 } }, {}],
  [{ a: { $$matchAsDocument: { b: 1 } } }, { a: '{"b": 1, "c": 2}' }],
  [{ a: { $$matchAsRoot: { b: 1 } } }, { a: { b: 2 } }],
];

describe('a value', () => {
  it.each(matches)('%j is matched by %j', (expected, actual) => {
    match(expected, actual, context);
  });

  it.each(mismatches)('%j is not matched by %j', (expected, actual) => {
    expect(() => match(expected, actual, context)).toThrow(Mismatch);
  });

  it('of an array that is no list of documents may have no extra key', () => {
    expect(() => match([{ a: 1 }], [{ a: 1, b: 2 }], context, false)).toThrow(
      '[0]: expected no key b',
    );
  });
});

it('an unknown operator or type is an error of the file, not a mismatch', () => {
  expect(() => match({ $$almost: 1 }, 1, context)).toThrow('$$almost is unknown');
  expect(() => match({ $$type: 'integer' }, 1, context)).toThrow('the type integer is unknown');
});
