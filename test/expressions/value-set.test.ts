import { Decimal128, Double, Long } from 'bson';
import { describe, expect, it } from 'vitest';
import { encodeDocument, findField, type RawValue } from '../../src/bson/index.ts';
import { parseCollation } from '../../src/collation/index.ts';
import { ValueSet } from '../../src/expressions/index.ts';

function value(of: unknown): RawValue {
  return findField(encodeDocument({ v: of }), 0, 'v') as RawValue;
}

// Few values are compared, many looked up by their hashes: both must say the same.
describe.each([0, 100])('a set of values with %i others', (others) => {
  const rest = Array.from({ length: others }, (_, at) => value(`other ${at}`));
  const firstTold = others;

  it('has each value once, whatever types equal numbers are of', () => {
    const ones = [1, new Double(1), Long.fromNumber(1), new Decimal128('1.0')].map(value);
    const set = new ValueSet([...rest, ...ones, value(2), value('1')], undefined);

    expect(set.values.length).toBe(firstTold + 3);
    expect(ones.map((one) => set.indexOf(one))).toEqual(Array(4).fill(firstTold));
    expect(set.has(value([1]))).toBe(false);
    expect(set.indexOf(value('1'))).toBe(firstTold + 2);
  });

  it('takes texts that a collation calls equal for one', () => {
    const collation = parseCollation(value({ locale: 'en', strength: 2 })) ?? undefined;
    const set = new ValueSet([...rest, value('Ark'), value('aRK'), value({ a: 'x' })], collation);

    expect(set.values.length).toBe(firstTold + 2);
    expect(set.indexOf(value('ARK'))).toBe(firstTold);
    expect(set.indexOf(value({ a: 'X' }))).toBe(firstTold + 1);
  });
});
