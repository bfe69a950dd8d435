import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { elementsOf } from '../elements.ts';
import type { SpecialOperator } from '../expression.ts';
import { namedArguments, unrecognizedParameter } from '../operands.ts';
import { arrayValue, isNullish, nullValue, typeName } from '../value.ts';
import { elementVariable } from '../variable-name.ts';

/** `$map`: `in` evaluated for each element of `input`; missing results become null. */
export const map: SpecialOperator = {
  kind: 'special',
  name: '$map',
  parse(argument, context, parse) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(16878, '$map only supports an object as its argument');
    }
    const given = namedArguments(
      argument,
      ['input', 'as', 'in'],
      16879,
      unrecognizedParameter('$map'),
    );
    if (given.input === undefined) {
      throw new MongoServerError(16880, "Missing 'input' parameter to $map");
    }
    if (given.in === undefined) {
      throw new MongoServerError(16882, "Missing 'in' parameter to $map");
    }
    const input = parse(given.input, context);
    const name = elementVariable(given.as);
    const { context: inner, slots } = context.with([name]);
    const slot = slots[0]!;
    const result = parse(given.in, inner);
    return {
      isConstant: false,
      evaluate: (scope) => {
        const array = input.evaluate(scope);
        if (isNullish(array)) return nullValue;
        if (array!.type !== BsonType.array) {
          throw new MongoServerError(
            16883,
            `input to $map must be an array not ${typeName(array)}`,
          );
        }
        return arrayValue(
          elementsOf(array!).map((element) => {
            scope.variables[slot] = element;
            return result.evaluate(scope);
          }),
        );
      },
    };
  },
};
