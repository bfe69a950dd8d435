import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { elementsOf } from '../elements.ts';
import type { SpecialOperator } from '../expression.ts';
import { foundUnknown, namedArguments, parseOperands } from '../operands.ts';
import { arrayValue, isNullish, nullValue, typeName } from '../value.ts';

/** `$zip`: the first elements of all arrays, then the second ones, and so on. */
export const zip: SpecialOperator = {
  kind: 'special',
  name: '$zip',
  parse(argument, context, parse) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(
        34460,
        `$zip only supports an object as an argument, found ${typeName(argument)}`,
      );
    }
    const names = ['inputs', 'defaults', 'useLongestLength'] as const;
    const given = namedArguments(argument, names, 34464, foundUnknown('$zip'));
    const { inputs: arrays, defaults: fillers, useLongestLength } = given;
    if (arrays === undefined) {
      throw new MongoServerError(34465, '$zip requires at least one input array');
    }
    if (arrays.type !== BsonType.array) {
      throw new MongoServerError(
        34461,
        `inputs must be an array of expressions, found ${typeName(arrays)}`,
      );
    }
    if (fillers !== undefined && fillers.type !== BsonType.array) {
      throw new MongoServerError(
        34462,
        `defaults must be an array of expressions, found ${typeName(fillers)}`,
      );
    }
    if (useLongestLength !== undefined && useLongestLength.type !== BsonType.bool) {
      throw new MongoServerError(
        34463,
        `useLongestLength must be a bool, found ${typeName(useLongestLength)}`,
      );
    }
    const usesLongest =
      useLongestLength !== undefined && useLongestLength.buffer[useLongestLength.start] === 1;
    const inputs = parseOperands(arrays, context, parse);
    const defaults = fillers === undefined ? [] : parseOperands(fillers, context, parse);
    if (inputs.length === 0) {
      throw new MongoServerError(34465, '$zip requires at least one input array');
    }
    if (defaults.length > 0 && !usesLongest) {
      throw new MongoServerError(34466, 'cannot specify defaults unless useLongestLength is true');
    }
    if (defaults.length > 0 && defaults.length !== inputs.length) {
      throw new MongoServerError(34467, 'defaults and inputs must have the same length');
    }
    return {
      isConstant: false,
      evaluate(scope) {
        const values = inputs.map((input) => input.evaluate(scope));
        if (values.some(isNullish)) return nullValue;
        const lists = values.map((value) => {
          if (value!.type === BsonType.array) return elementsOf(value!);
          throw new MongoServerError(
            34468,
            `$zip found a non-array expression in input: ${typeName(value)}`,
          );
        });
        const lengths = lists.map(({ length }) => length);
        const length = usesLongest ? Math.max(...lengths) : Math.min(...lengths);
        const missing = defaults.map((one) => one.evaluate(scope));
        return arrayValue(
          Array.from({ length }, (_, at) =>
            arrayValue(lists.map((list, which) => list[at] ?? missing[which])),
          ),
        );
      },
    };
  },
};
