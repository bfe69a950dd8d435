import { BsonType, valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { checkFormat, formatDate, isoFormat } from '../dates/format-date.ts';
import { instantOf } from '../dates/instant.ts';
import { localTimeOf } from '../dates/local-time.ts';
import { zoneArgument } from '../dates/zone-argument.ts';
import type { SpecialOperator } from '../expression.ts';
import { fold } from '../fold.ts';
import { namedArguments, unrecognizedArgument } from '../operands.ts';
import { isNullish, type MaybeValue, nullValue, textOf, textValue, typeName } from '../value.ts';

const names = ['date', 'format', 'timezone', 'onNull'] as const;

/** `$dateToString`: a date in words of a format, ISO 8601 without one. */
export const dateToString: SpecialOperator = {
  kind: 'special',
  name: '$dateToString',
  parse(argument, context, parse) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(18629, '$dateToString only supports an object as its argument');
    }
    const given = namedArguments(argument, names, 18534, unrecognizedArgument('$dateToString'));
    if (given.date === undefined) {
      throw new MongoServerError(18628, "Missing 'date' parameter to $dateToString");
    }
    const date = parse(given.date, context);
    const format = given.format && parse(given.format, context);
    const timezone = given.timezone && parse(given.timezone, context);
    const onNull = given.onNull && parse(given.onNull, context);
    const zoneIn = zoneArgument(timezone);
    return fold(context, [date, format, timezone, onNull], (scope) => {
      const value = date.evaluate(scope);
      const pattern = formatOf(format?.evaluate(scope));
      const zone = zoneIn(scope);
      if (isNullish(value)) return onNull === undefined ? nullValue : onNull.evaluate(scope);
      if (zone === undefined) return nullValue;
      if (format !== undefined && pattern === undefined) return nullValue;
      const local = localTimeOf(instantOf(value!), zone);
      return textValue(formatDate(local, pattern ?? (zone.isUtc ? `${isoFormat}Z` : isoFormat)));
    });
  },
};

/** Undefined for null and missing. */
function formatOf(value: MaybeValue): string | undefined {
  if (isNullish(value)) return undefined;
  if (value!.type !== BsonType.string) {
    throw new MongoServerError(
      18533,
      `$dateToString requires that 'format' be a string, found: ${typeName(value)} with value ${valueText(value!)}`,
    );
  }
  const format = textOf(value!);
  checkFormat(format, 'toString');
  return format;
}
