import { BsonType, valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { conversionFailure } from '../conversion-failure.ts';
import { checkFormat } from '../dates/format-date.ts';
import { longOfInstant } from '../dates/instant.ts';
import { parseDateByFormat } from '../dates/parse-date-format.ts';
import { parseDateText } from '../dates/parse-date-text.ts';
import { zoneArgument } from '../dates/zone-argument.ts';
import type { SpecialOperator } from '../expression.ts';
import { fold } from '../fold.ts';
import { namedArguments, unrecognizedArgument } from '../operands.ts';
import { dateValue, isNullish, type MaybeValue, nullValue, textOf, typeName } from '../value.ts';

const names = ['dateString', 'format', 'timezone', 'onNull', 'onError'] as const;

/** `$dateFromString`: the date a text says, by a format or in any form timelib knows. */
export const dateFromString: SpecialOperator = {
  kind: 'special',
  name: '$dateFromString',
  parse(argument, context, parse) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(
        40540,
        `$dateFromString only supports an object as an argument, found: ${typeName(argument)}`,
      );
    }
    const given = namedArguments(argument, names, 40541, unrecognizedArgument('$dateFromString'));
    if (given.dateString === undefined) {
      throw new MongoServerError(40542, "Missing 'dateString' parameter to $dateFromString");
    }
    const source = parse(given.dateString, context);
    const format = given.format && parse(given.format, context);
    const timezone = given.timezone && parse(given.timezone, context);
    const onNull = given.onNull && parse(given.onNull, context);
    const onError = given.onError && parse(given.onError, context);
    const zoneIn = zoneArgument(timezone);
    return fold(context, [source, format, timezone, onNull, onError], (scope) => {
      const value = source.evaluate(scope);
      const pattern = formatOf(format?.evaluate(scope));
      const zone = zoneIn(scope);
      if (isNullish(value)) return onNull === undefined ? nullValue : onNull.evaluate(scope);
      try {
        const text = textIn(value);
        if (zone === undefined) return nullValue;
        if (format === undefined) return dateValue(longOfInstant(parseDateText(text, zone)));
        if (pattern === undefined) return nullValue;
        return dateValue(longOfInstant(parseDateByFormat(text, pattern, zone)));
      } catch (error) {
        const failed = error instanceof MongoServerError && error.is('ConversionFailure');
        if (!failed || onError === undefined) throw error;
        return onError.evaluate(scope);
      }
    });
  },
};

function textIn(value: MaybeValue): string {
  if (value!.type === BsonType.string) return textOf(value!);
  throw conversionFailure(
    `$dateFromString requires that 'dateString' be a string, found: ${typeName(value)} with value ${valueText(value!)}`,
  );
}

/** Undefined for null and missing. */
function formatOf(value: MaybeValue): string | undefined {
  if (isNullish(value)) return undefined;
  if (value!.type !== BsonType.string) {
    throw new MongoServerError(
      40684,
      `$dateFromString requires that 'format' be a string, found: ${typeName(value)} with value ${valueText(value!)}`,
    );
  }
  const format = textOf(value!);
  checkFormat(format, 'fromString');
  return format;
}
