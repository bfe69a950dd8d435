import { BsonType, valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { wholeNumberOf } from '../coerce.ts';
import { elementsOf } from '../elements.ts';
import type { SpecialOperator } from '../expression.ts';
import { namedArguments, unrecognizedParameter } from '../operands.ts';
import { arrayValue, isNullish, isTruthy, nullValue, typeName } from '../value.ts';
import { elementVariable } from '../variable-name.ts';

/** `$filter`: the elements of `input` for which `cond` is true, `limit` of them at most. */
export const filter: SpecialOperator = {
  kind: 'special',
  name: '$filter',
  parse(argument, context, parse) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(28646, '$filter only supports an object as its argument');
    }
    const given = namedArguments(
      argument,
      ['input', 'as', 'cond', 'limit'],
      28647,
      unrecognizedParameter('$filter'),
    );
    if (given.input === undefined) {
      throw new MongoServerError(28648, "Missing 'input' parameter to $filter");
    }
    if (given.cond === undefined) {
      throw new MongoServerError(28650, "Missing 'cond' parameter to $filter");
    }
    const input = parse(given.input, context);
    const limit = given.limit === undefined ? undefined : parse(given.limit, context);
    const name = elementVariable(given.as);
    const { context: inner, slots } = context.with([name]);
    const slot = slots[0]!;
    const condition = parse(given.cond, inner);
    return {
      isConstant: false,
      evaluate: (scope) => {
        const array = input.evaluate(scope);
        if (isNullish(array)) return nullValue;
        if (array!.type !== BsonType.array) {
          throw new MongoServerError(
            28651,
            `input to $filter must be an array not ${typeName(array)}`,
          );
        }
        let left = Number.POSITIVE_INFINITY;
        const limitValue = limit?.evaluate(scope);
        if (!isNullish(limitValue)) {
          const number = wholeNumberOf(limitValue);
          if (number === undefined) {
            throw new MongoServerError(
              327391,
              `$filter: limit must be represented as a 32-bit integral value: ${valueText(limitValue!)}`,
            );
          }
          if (number <= 0) {
            throw new MongoServerError(
              327392,
              `$filter: limit must be greater than 0, found: ${number}`,
            );
          }
          left = number;
        }
        return arrayValue(
          elementsOf(array!).filter((element) => {
            if (left === 0) return false;
            scope.variables[slot] = element;
            if (!isTruthy(condition.evaluate(scope))) return false;
            left--;
            return true;
          }),
        );
      },
    };
  },
};
