import { describe, expect, it } from 'vitest';
import { encodeDocument } from '../../src/bson/index.ts';
import { Variables, withLet } from '../../src/expressions/index.ts';
import { parseFilter } from '../../src/query/index.ts';
import { type Fields, filterOf, matches, outcome, updateOf } from './documents.ts';

describe('$expr', () => {
  const rows: readonly [filter: Fields, document: Fields, matches: boolean][] = [
    [{ $expr: true }, {}, true],
    [{ $expr: 0 }, {}, false],
    [{ $expr: null }, {}, false],
    [{ $expr: '$a' }, { a: 1 }, true],
    [{ $expr: '$a' }, { a: 0 }, false],
    [{ $expr: '$a' }, {}, false],
    [{ $expr: [] }, {}, true],
    [{ $expr: {} }, {}, true],
    [{ $expr: { $eq: ['$a', '$b'] } }, { a: 1, b: 1n }, true],
    [{ $expr: { $eq: ['$a', 1] } }, { a: [1] }, false],
    [{ $expr: { $eq: ['$a', [1]] } }, { a: [1] }, true],
    [{ $expr: { $eq: ['$a', null] } }, {}, false],
    [{ $expr: { $lt: ['$a', 1] } }, {}, true],
    [{ $expr: { $lt: ['$a', 1] } }, { a: 'text' }, false],
    [{ $expr: { $gt: ['$a', 1] } }, { a: 'text' }, true],
    [{ $expr: { $eq: ['$$ROOT.a', '$$CURRENT.b'] } }, { a: 1, b: 1 }, true],
    [{ $expr: { $gt: ['$a.b', 1] } }, { a: [{ b: 2 }, { b: 0 }] }, true],
    [{ a: 1, $expr: { $gt: ['$b', 1] } }, { a: 1, b: 2 }, true],
    [{ a: 1, $expr: { $gt: ['$b', 1] } }, { a: 2, b: 2 }, false],
    [{ $or: [{ a: 1 }, { $expr: { $gt: ['$b', 1] } }] }, { a: 2, b: 2 }, true],
    [{ $nor: [{ $expr: { $gt: ['$b', 1] } }] }, { b: 2 }, false],
  ];

  it.each(rows)('%o on %o: %s', (filter, document, expected) => {
    expect(matches(filter, document)).toBe(expected);
  });

  it.each([
    [{ $expr: { $nope: 1 } }, 168, "Unrecognized expression '$nope'"],
    [{ $expr: '$$nope' }, 17276, 'Use of undefined variable: nope'],
    [{ $expr: '$$' }, 9, 'empty variable names are not allowed'],
    [{ $expr: '$' }, 16872, "'$' by itself is not a valid FieldPath"],
    [{ $expr: '$$NOW' }, 51144, "Builtin variable '$$NOW' is not available"],
    [
      { a: { $elemMatch: { $expr: true } } },
      2,
      '$expr can only be applied to the top-level document',
    ],
    [{ a: { $expr: 1 } }, 2, 'unknown operator: $expr'],
    [{ a: { $not: { $expr: 1 } } }, 2, 'unknown operator: $expr'],
  ])('%j is refused with %i', (filter, code, message) => {
    expect(outcome(() => filterOf(filter))).toEqual({ code, message });
  });

  it('has no place in array filters', () => {
    const refused = outcome(() =>
      updateOf({ $set: { 'a.$[x]': 1 } }, { arrayFilters: [{ $expr: { $gt: ['$x', 1] } }] }),
    );

    expect(refused).toEqual({ code: 224, message: '$expr is not allowed in this context' });
  });

  it('has no place under $pull', () => {
    const refused = outcome(() => updateOf({ $pull: { a: { $expr: true } } }));

    expect(refused).toMatchObject({ code: 2 });
  });
});

describe('the constants of an operation', () => {
  const times = new Variables(() => ({ now: 1000, clusterTime: { t: 7, i: 3 } }));

  function found(filter: Fields, document: Fields, spec: Fields = {}): unknown {
    return outcome(() => {
      const bytes = encodeDocument(spec);
      const variables = withLet(times, { buffer: bytes, type: 3, start: 0, end: bytes.length });
      return parseFilter(encodeDocument(filter), 0, { variables }).matches(
        encodeDocument(document),
        0,
      );
    });
  }

  it('are read once, and only by who asks', () => {
    let asked = 0;
    const variables = new Variables(() => ({ now: asked++ }));
    parseFilter(encodeDocument({ a: 1 }), 0, { variables });
    expect(asked).toBe(0);
    parseFilter(encodeDocument({ $expr: { $eq: ['$$NOW', '$$NOW'] } }), 0, { variables });
    expect(asked).toBe(1);
  });

  it.each([
    [{ $expr: { $eq: ['$$NOW', { $toDate: 1000n }] } }, {}, {}],
    [{ $expr: { $eq: [{ $type: '$$CLUSTER_TIME' }, 'timestamp'] } }, {}, {}],
    [{ $expr: { $eq: ['$$USER_ROLES', []] } }, {}, {}],
    [{ $expr: { $eq: ['$a', '$$x'] } }, { a: 5 }, { x: 5 }],
    [{ $expr: { $eq: ['$a', '$$x.y'] } }, { a: 5 }, { x: { y: 5 } }],
    [{ $expr: { $eq: ['$a', '$$y'] } }, { a: 6 }, { x: 5, y: { $add: ['$$x', 1] } }],
    [{ $expr: { $eq: ['$b', 7] } }, { b: 1 }, { CURRENT: { b: 7 } }],
    [{ $expr: { $eq: ['$$ROOT.b', 1] } }, { b: 1 }, { CURRENT: { b: 7 } }],
    [{ $expr: { $let: { vars: { x: 1 }, in: { $eq: ['$$x', 1] } } } }, {}, { x: 5 }],
  ])('%o is true of %o with let %o', (filter, document, spec) => {
    expect(found(filter, document, spec as Fields)).toBe(true);
  });

  it.each([
    [{ x: '$a' }, 4890500],
    [{ x: '$$ROOT' }, 4890500],
    [{ x: { $add: [1, '$$CURRENT.a'] } }, 4890500],
    [{ NOW: 1 }, 4738901],
    [{ CLUSTER_TIME: 1 }, 4738901],
    [{ ROOT: 1 }, 9],
    [{ REMOVE: 1 }, 9],
    [{ X: 1 }, 9],
    [{ _x: 1 }, 9],
    [{ 'x!': 1 }, 9],
    [{ 'x.y': 1 }, 9],
    [{ '': 1 }, 9],
    [{ x: '$$y' }, 17276],
    [{ x: { $divide: [1, 0] } }, 2],
  ])('let %j is refused with %i', (spec, code) => {
    expect(found({}, {}, spec)).toMatchObject({ code });
  });
});

describe('$sampleRate', () => {
  it('lets all or nothing through at its ends', () => {
    expect(matches({ $sampleRate: 1 }, {})).toBe(true);
    expect(matches({ $sampleRate: 0 }, {})).toBe(false);
  });

  it('lets some through between them', () => {
    const filter = filterOf({ $sampleRate: 0.5 });
    const document = encodeDocument({});
    const passed = Array.from({ length: 200 }, () => filter.matches(document, 0));

    expect(new Set(passed)).toEqual(new Set([true, false]));
  });

  it.each([
    ['a', 'argument to $sampleRate must be a numeric type'],
    [1.5, 'numeric argument to $sampleRate must be in [0, 1]'],
    [-1, 'numeric argument to $sampleRate must be in [0, 1]'],
    [Number.NaN, 'numeric argument to $sampleRate must be in [0, 1]'],
  ])('refuses %o', (rate, message) => {
    expect(outcome(() => filterOf({ $sampleRate: rate }))).toEqual({ code: 2, message });
  });
});
