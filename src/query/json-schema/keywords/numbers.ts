import type { RawValue } from '../../../bson/index.ts';
import { comparison, comparisonTest } from '../../operators/comparison.ts';
import { isNumberType, numberOf } from '../../raw-number.ts';
import { boolOf, type Keyword, numberArgument, refused } from '../keyword.ts';
import { isMultiple } from '../multiple.ts';

function bound(
  name: 'minimum' | 'maximum',
  exclusive: 'exclusiveMinimum' | 'exclusiveMaximum',
): Keyword {
  const operators = name === 'minimum' ? (['$gte', '$gt'] as const) : (['$lte', '$lt'] as const);
  return {
    name,
    parse(value, { keywords }) {
      const limit = numberArgument(name, value);
      const flag = keywords.get(exclusive);
      const isExclusive = flag !== undefined && boolOf(exclusive, flag);
      const test = comparisonTest(comparison('', operators[isExclusive ? 1 : 0], limit));
      return {
        name,
        isKept: ({ buffer, type, start }) => !isNumberType(type) || test(buffer, type, start),
        explain: (considered) => ({
          specifiedAs: { [name]: limit, ...(isExclusive ? { [exclusive]: true } : {}) },
          reason: 'comparison failed',
          consideredValue: considered,
        }),
      };
    },
  };
}

function exclusiveBound(
  name: 'exclusiveMinimum' | 'exclusiveMaximum',
  of: 'minimum' | 'maximum',
): Keyword {
  return {
    name,
    parse(value, { keywords }) {
      boolOf(name, value);
      if (!keywords.has(of)) {
        throw refused('FailedToParse', of, `must be a present if ${name} is present`);
      }
      return undefined;
    },
  };
}

export const minimum = bound('minimum', 'exclusiveMinimum');
export const maximum = bound('maximum', 'exclusiveMaximum');
export const exclusiveMinimum = exclusiveBound('exclusiveMinimum', 'minimum');
export const exclusiveMaximum = exclusiveBound('exclusiveMaximum', 'maximum');

/** `multipleOf`: without a remainder, in decimal arithmetic. */
export const multipleOf: Keyword = {
  name: 'multipleOf',
  parse(value) {
    const divisor: RawValue = numberArgument('multipleOf', value);
    if (!(numberOf(divisor)! > 0)) {
      throw refused('FailedToParse', 'multipleOf', 'must have a positive value');
    }
    return {
      name: 'multipleOf',
      isKept: (considered) => !isNumberType(considered.type) || isMultiple(considered, divisor),
      explain: (considered) => ({
        specifiedAs: { multipleOf: divisor },
        reason: 'considered value is not a multiple of the specified value',
        consideredValue: considered,
      }),
    };
  },
};
