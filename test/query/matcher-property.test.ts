import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  canonicalType,
  compareValues,
  encodeDocument,
  encodeValue,
  type RawValue,
} from '../../src/bson/index.ts';
import { applyDelta } from '../../src/query/index.ts';
import { type Fields, matches, updateOf } from './documents.ts';

const scalar = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.constantFrom<unknown>('a', 'b', null, true, 1.5, 2n, ''),
);
const name = fc.constantFrom('a', 'b', 'c', '0', '1');
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 3 }),
  ),
}));
const anyDocument = fc.dictionary(name, anyValue, { maxKeys: 3 });
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));

// The matcher written plainly, on decoded documents: the rules of ElementPath one by one.

const missing = Symbol('missing');

function isDocument(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function valuesAt(document: Fields, parts: readonly string[], expand: boolean): unknown[] {
  const [first, ...rest] = parts;
  const value = Object.hasOwn(document, first!) ? document[first!] : missing;
  if (value === missing) return [missing];
  if (rest.length === 0) return Array.isArray(value) && expand ? [...value, value] : [value];
  if (isDocument(value)) return valuesAt(value, rest, expand);
  if (Array.isArray(value)) return valuesInArray(value, rest, expand);
  return [missing];
}

function valuesInArray(array: unknown[], parts: readonly string[], expand: boolean): unknown[] {
  const [first, ...rest] = parts;
  return array.flatMap((element, index) => {
    const found: unknown[] = isDocument(element) ? valuesAt(element, parts, expand) : [];
    if (`${index}` !== first) return found;
    if (rest.length === 0) return [...found, element];
    if (isDocument(element)) return [...found, ...valuesAt(element, rest, expand)];
    return Array.isArray(element) ? [...found, ...valuesInArray(element, rest, expand)] : found;
  });
}

function compare(a: unknown, b: unknown): number | undefined {
  const x: RawValue = encodeValue(a);
  const y: RawValue = encodeValue(b);
  if (canonicalType(x.type) !== canonicalType(y.type)) return undefined;
  return compareValues(x.buffer, x.type, x.start, y.buffer, y.type, y.start);
}

const tests: Record<string, (value: unknown, operand: unknown) => boolean> = {
  $eq: (value, operand) => (value === missing ? operand === null : compare(value, operand) === 0),
  $gt: (value, operand) => value !== missing && (compare(value, operand) ?? 0) > 0,
  $lt: (value, operand) => value !== missing && (compare(value, operand) ?? 0) < 0,
  $gte: (value, operand) =>
    value === missing ? operand === null : (compare(value, operand) ?? -1) >= 0,
  $lte: (value, operand) =>
    value === missing ? operand === null : (compare(value, operand) ?? 1) <= 0,
  $exists: (value) => value !== missing,
};

function expected(filter: Fields, document: Fields): boolean {
  return Object.entries(filter).every(([key, argument]) => {
    const list = argument as Fields[];
    if (key === '$and') return list.every((one) => expected(one, document));
    if (key === '$or') return list.some((one) => expected(one, document));
    if (key === '$nor') return !list.some((one) => expected(one, document));
    return Object.entries(argument as Fields).every(([operator, operand]) => {
      const values = valuesAt(document, key.split('.'), true);
      if (operator === '$ne') return !values.some((value) => tests.$eq!(value, operand));
      if (operator === '$in') {
        return values.some((value) => (operand as []).some((one) => tests.$eq!(value, one)));
      }
      if (operator === '$size') {
        return valuesAt(document, key.split('.'), false).some(
          (value) => Array.isArray(value) && value.length === operand,
        );
      }
      return values.some((value) => tests[operator]!(value, operand));
    });
  });
}

const operators = fc.oneof(
  fc.tuple(fc.constantFrom('$eq', '$gt', '$gte', '$lt', '$lte', '$ne'), anyValue),
  fc.tuple(fc.constant('$in'), fc.array(anyValue, { maxLength: 3 })),
  fc.tuple(fc.constant('$exists'), fc.constant(true)),
  fc.tuple(fc.constant('$size'), fc.integer({ min: 0, max: 3 })),
);
const notOperators = (value: unknown): boolean => !JSON.stringify(value, plain).includes('$');
const leaf = fc
  .tuple(path, operators)
  .filter(([, [, operand]]) => notOperators(operand))
  .map(([at, [operator, operand]]): Fields => ({ [at]: { [operator]: operand } }));
const anyFilter = fc.oneof(
  leaf,
  fc
    .tuple(fc.constantFrom('$and', '$or', '$nor'), fc.array(leaf, { minLength: 1, maxLength: 3 }))
    .map(([key, list]): Fields => ({ [key]: list })),
);

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}` : value;
}

it('a filter on bytes agrees with the rules written plainly on objects', () => {
  fc.assert(
    fc.property(anyFilter, anyDocument, (filter, document) => {
      expect(matches(filter, document)).toBe(expected(filter, document));
    }),
    { numRuns: 3000 },
  );
});

const updates = fc
  .array(
    fc.oneof(
      fc.tuple(fc.constant('$set'), path, anyValue),
      fc.tuple(fc.constant('$unset'), path, fc.constant(1)),
      fc.tuple(fc.constant('$push'), path, anyValue),
      fc.tuple(fc.constant('$addToSet'), path, anyValue),
      fc.tuple(fc.constant('$pop'), path, fc.constantFrom(1, -1)),
      fc.tuple(fc.constant('$pull'), path, scalar),
      fc.tuple(fc.constant('$max'), path, scalar),
      fc.tuple(fc.constant('$inc'), path, fc.constantFrom(1, 1.5)),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((list) => {
    const update: Record<string, Fields> = {};
    for (const [operator, at, value] of list) {
      update[operator] = { ...update[operator], [at]: value };
    }
    return update;
  });

it('a delta leads from the old document to exactly the new bytes', () => {
  let compared = 0;
  fc.assert(
    fc.property(updates, anyDocument, (update, document) => {
      const before = encodeDocument({ ...document, padding: 'x'.repeat(200) });
      let result: ReturnType<ReturnType<typeof updateOf>['apply']>;
      try {
        result = updateOf(update).apply(before, 0);
      } catch {
        return;
      }
      expect(result.modified).toBe(!result.document.equals(before));
      if (result.delta === undefined) return;
      compared++;
      expect(applyDelta(before, 0, result.delta)).toEqual(result.document);
    }),
    { numRuns: 5000 },
  );
  expect(compared).toBeGreaterThan(1000);
}, 120_000);
