import type { BsonType } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { type BinaryOptions, convert, shortForm } from './convert.ts';
import type { SpecialOperator } from './expression.ts';
import { fold } from './fold.ts';
import { parseOperands } from './operands.ts';
import { isNullish, nullValue } from './value.ts';

/** `$toInt` and its kin: `$convert` to one type. Null stays null; what can not be is refused (241). */
export function converting(
  name: string,
  target: keyof typeof BsonType,
  options: BinaryOptions = shortForm,
): SpecialOperator {
  return {
    kind: 'special',
    name,
    parse(argument, context, parse) {
      const operands = parseOperands(argument, context, parse);
      if (operands.length !== 1) {
        throw new MongoServerError(
          50723,
          `${name} requires a single argument, got ${operands.length}`,
        );
      }
      const operand = operands[0]!;
      return fold(context, operands, (scope) => {
        const value = operand.evaluate(scope);
        return isNullish(value) ? nullValue : convert(value!, target, options);
      });
    },
  };
}
