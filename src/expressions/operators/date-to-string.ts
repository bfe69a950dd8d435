import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { formatDate } from '../calendar.ts';
import { checkTimezone, dateOf } from '../date-part.ts';
import type { SpecialOperator } from '../expression.ts';
import { namedArguments } from '../operands.ts';
import { isNullish, nullValue, textOf, textValue, typeName } from '../value.ts';

/** `$dateToString`, in UTC. */
export const dateToString: SpecialOperator = {
  kind: 'special',
  name: '$dateToString',
  parse(argument, context, parse) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(18629, '$dateToString only supports an object as its argument');
    }
    const names = ['date', 'format', 'timezone', 'onNull'] as const;
    const given = namedArguments(argument, names, 18534, '$dateToString');
    if (given.date === undefined) {
      throw new MongoServerError(18628, "Missing 'date' parameter to $dateToString");
    }
    const date = parse(given.date, context);
    const format = given.format && parse(given.format, context);
    const timezone = given.timezone && parse(given.timezone, context);
    const onNull = given.onNull && parse(given.onNull, context);
    return {
      isConstant: false,
      evaluate: (scope) => {
        const value = date.evaluate(scope);
        if (isNullish(value)) return onNull === undefined ? nullValue : onNull.evaluate(scope);
        if (timezone !== undefined && checkTimezone(timezone.evaluate(scope)) === 'null') {
          return nullValue;
        }
        const pattern = format?.evaluate(scope);
        if (format !== undefined && isNullish(pattern)) return nullValue;
        if (pattern !== undefined && pattern.type !== BsonType.string) {
          throw new MongoServerError(
            18533,
            `$dateToString requires that 'format' be a string, found: ${typeName(pattern)}`,
          );
        }
        return textValue(
          formatDate(
            dateOf(value!),
            pattern === undefined ? '%Y-%m-%dT%H:%M:%S.%LZ' : textOf(pattern),
          ),
        );
      },
    };
  },
};
