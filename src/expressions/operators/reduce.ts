import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { elementsOf } from '../elements.ts';
import type { SpecialOperator } from '../expression.ts';
import { foundUnknown, namedArguments } from '../operands.ts';
import { isNullish, nullValue, typeName } from '../value.ts';

/** `$reduce`: `in` evaluated element by element, with `$$this` and the `$$value` so far. */
export const reduce: SpecialOperator = {
  kind: 'special',
  name: '$reduce',
  parse(argument, context, parse) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(40075, '$reduce requires an object as an argument');
    }
    const given = namedArguments(
      argument,
      ['input', 'initialValue', 'in'],
      40076,
      foundUnknown('$reduce'),
    );
    if (given.input === undefined)
      throw new MongoServerError(40077, "$reduce requires 'input' to be specified");
    if (given.initialValue === undefined) {
      throw new MongoServerError(40078, "$reduce requires 'initialValue' to be specified");
    }
    if (given.in === undefined)
      throw new MongoServerError(40079, "$reduce requires 'in' to be specified");
    const input = parse(given.input, context);
    const initial = parse(given.initialValue, context);
    const { context: inner, slots } = context.with(['this', 'value']);
    const [thisSlot, valueSlot] = slots as [number, number];
    const body = parse(given.in, inner);
    return {
      isConstant: false,
      evaluate: (scope) => {
        const array = input.evaluate(scope);
        if (isNullish(array)) return nullValue;
        if (array!.type !== BsonType.array) {
          throw new MongoServerError(
            40080,
            `$reduce requires that 'input' be an array, found: ${typeName(array)}`,
          );
        }
        let result = initial.evaluate(scope);
        for (const element of elementsOf(array!)) {
          scope.variables[thisSlot] = element;
          scope.variables[valueSlot] = result;
          result = body.evaluate(scope);
        }
        return result;
      },
    };
  },
};
