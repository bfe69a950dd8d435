import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDocument, encodeDocument, encodeValue } from '../../src/bson/index.ts';
import { applyDelta, parseUpdate, type Update } from '../../src/query/index.ts';
import { type Fields, outcome } from './documents.ts';

function pipelineOf(stages: readonly Fields[], constants?: Fields): Update {
  return parseUpdate(encodeValue(stages), {
    ...(constants === undefined ? {} : { constants: encodeValue(constants) }),
  });
}

function updated(stages: readonly Fields[], on: Fields, constants?: Fields): unknown {
  return outcome(() => {
    const before = encodeDocument(on);
    const result = pipelineOf(stages, constants).apply(before, 0);
    if (!result.modified) return 'same';
    if (result.delta !== undefined) {
      expect(applyDelta(before, 0, result.delta)).toEqual(result.document);
    }
    return Object.entries(decodeDocument(result.document));
  });
}

describe('an update by a pipeline', () => {
  const rows: readonly [
    stages: Fields[],
    on: Fields,
    gives: Fields | 'same',
    constants?: Fields,
  ][] = [
    [[{ $set: { b: { $add: ['$a', 1] } } }], { _id: 1, a: 1 }, { _id: 1, a: 1, b: 2 }],
    [[{ $addFields: { a: 2 } }], { _id: 1, a: 1, b: 1 }, { _id: 1, a: 2, b: 1 }],
    [[{ $set: { a: 1 } }], { _id: 1, a: 1 }, 'same'],
    [[], { _id: 1, a: 1 }, 'same'],
    [[{ $unset: 'a' }], { _id: 1, a: 1, b: 1 }, { _id: 1, b: 1 }],
    [[{ $unset: ['a', 'c.d'] }], { _id: 1, a: 1, c: { d: 1, e: 2 } }, { _id: 1, c: { e: 2 } }],
    [[{ $project: { a: 1 } }], { _id: 1, a: 1, b: 1 }, { _id: 1, a: 1 }],
    [[{ $project: { a: 1, _id: 0 } }], { _id: 1, a: 1, b: 1 }, { _id: 1, a: 1 }],
    [[{ $replaceWith: { x: '$a' } }], { _id: 1, a: 1 }, { _id: 1, x: 1 }],
    [[{ $replaceRoot: { newRoot: '$a' } }], { _id: 1, a: { x: 1 } }, { _id: 1, x: 1 }],
    [[{ $replaceWith: { a: 2, _id: 1 } }], { _id: 1, a: 1 }, { a: 2, _id: 1 }],
    [[{ $set: { a: '$$REMOVE' } }], { _id: 1, a: 1 }, { _id: 1 }],
    [[{ $set: { a: '$$c' } }], { _id: 1, a: 1 }, { _id: 1, a: '$b' }, { c: '$b' }],
    [
      [{ $set: { t: { $sum: '$l' } } }, { $set: { u: { $multiply: ['$t', 2] } } }],
      { _id: 1, l: [1, 2] },
      { _id: 1, l: [1, 2], t: 3, u: 6 },
    ],
    [[{ $set: { 'a.b': 2 } }], { _id: 1, a: [{ c: 1 }] }, { _id: 1, a: [{ c: 1, b: 2 }] }],
  ];

  it.each(rows)('%j on %j gives %j', (stages, on, gives, constants) => {
    expect(updated(stages, on, constants)).toEqual(
      gives === 'same' ? 'same' : Object.entries(gives),
    );
  });

  it('meets the errors of its constants when it has a document', () => {
    const wrong = [{ $set: { a: { $add: ['a', 1] } } }];
    expect(pipelineOf(wrong)).toBeDefined();
    expect(updated(wrong, { _id: 1 })).toMatchObject({ code: 14 });
  });

  it.each([
    [[{ $set: { _id: 2 } }], 66],
    [[{ $replaceWith: { _id: 5 } }], 66],
    [[{ $match: {} }], 72],
    [[{ $lookup: {} }], 72],
    [[{ $nope: {} }], 40324],
    [[{}], 40323],
    [[{ $set: {}, $unset: 'a' }], 40323],
    [[1 as never], 14],
    [[{ $set: 1 }], 40272],
    [[{ $project: {} }], 51272],
    [[{ $project: { a: 1, b: 0 } }], 31254],
    [[{ $replaceWith: '$a' }], 40228],
    [[{ $set: { a: '$$nope' } }], 17276],
    [[{ $set: { a: { $divide: [1, '$zero'] } } }], 2],
  ])('%j is refused with %i', (stages, code) => {
    expect(updated(stages, { _id: 1, a: 1, zero: 0 })).toMatchObject({ code });
  });

  it('takes no array filters', () => {
    const refused = outcome(() => parseUpdate(encodeValue([]), { arrayFilters: [] }));

    expect(refused).toEqual({
      code: 9,
      message: 'arrayFilters may not be specified for pipeline-syle updates',
    });
  });

  it('alone takes constants', () => {
    const refused = outcome(() =>
      parseUpdate(encodeValue({ $set: { a: 1 } }), { constants: encodeValue({ c: 1 }) }),
    );

    expect(refused).toEqual({
      code: 51198,
      message: 'Constant values may only be specified for pipeline updates',
    });
  });

  it('tells the paths that changed', () => {
    const before = encodeDocument({ _id: 1, a: { b: 1, c: 1 }, d: [1, 2], e: 1, f: 1 });
    const stages = [{ $set: { 'a.b': 2, d: [1], g: 1 } }, { $unset: 'e' }];

    expect(pipelineOf(stages).apply(before, 0).changedPaths).toEqual(['e', 'g', 'a.b', 'd']);
  });

  it('is a delta that leads to exactly the new bytes, whatever the order of fields', () => {
    const names = ['a', 'b', 'c', 'd'];
    const leaf = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom('x', 'y'));
    const { document } = fc.letrec<{ document: Fields; value: unknown }>((tie) => ({
      document: fc.dictionary(fc.constantFrom(...names), tie('value') as never, { maxKeys: 4 }),
      value: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie('value'), { maxLength: 3 }),
        tie('document'),
      ),
    }));
    fc.assert(
      fc.property(document, document, (from, to) => {
        const before = encodeDocument({ _id: 1, ...from });
        const update = pipelineOf([{ $replaceWith: { $literal: to } }]);
        const { document: made, delta } = update.apply(before, 0);
        expect(decodeDocument(made)).toEqual({ _id: 1, ...to });
        if (delta !== undefined) expect(applyDelta(before, 0, delta)).toEqual(made);
      }),
      { numRuns: 300 },
    );
  });
});
