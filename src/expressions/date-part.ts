import { BsonType, findField, readInt64, readUint32 } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { SpecialOperator } from './expression.ts';
import { namedArguments, parseOperands } from './operands.ts';
import { isNullish, type MaybeValue, nullValue, textOf, typeName, type Value } from './value.ts';

/** The moment of a date, a timestamp or an object id. */
export function dateOf(value: Value): Date {
  switch (value.type) {
    case BsonType.date:
      return new Date(Number(readInt64(value.buffer, value.start)));
    case BsonType.timestamp:
      return new Date(readUint32(value.buffer, value.start + 4) * 1000);
    case BsonType.objectId:
      return new Date(value.buffer.readInt32BE(value.start) * 1000);
    default:
      throw new MongoServerError(16006, `can't convert from BSON type ${typeName(value)} to Date`);
  }
}

/** Only UTC so far; other zones are refused. */
export function checkTimezone(value: MaybeValue): 'utc' | 'null' {
  if (isNullish(value)) return 'null';
  if (value!.type !== BsonType.string) {
    throw new MongoServerError(
      40517,
      `timezone must evaluate to a string, found ${typeName(value)}`,
    );
  }
  const zone = textOf(value!);
  if (!['UTC', 'GMT', 'Z', 'Etc/UTC', '+00:00', '+0000', '+00'].includes(zone)) {
    throw new MongoServerError('NotImplemented', `the time zone ${zone} is not implemented`);
  }
  return 'utc';
}

/** An operator that reads a part of a date: of `<date>` or `{date, timezone}`. */
export function datePart(name: string, part: (date: Date) => Value): SpecialOperator {
  return {
    kind: 'special',
    name,
    parse(argument, context, parse) {
      let source = argument;
      let zone: Value | undefined;
      const named =
        argument.type === BsonType.object &&
        findField(argument.buffer, argument.start, 'date') !== undefined;
      if (named) {
        const given = namedArguments(argument, ['date', 'timezone'], 40535, name);
        source = given.date!;
        zone = given.timezone;
      }
      const operands = parseOperands(source, context, parse);
      if (operands.length !== 1) {
        throw new MongoServerError(
          40536,
          `${name} accepts exactly one argument if given an array, but was given ${operands.length}`,
        );
      }
      const date = operands[0]!;
      const timezone = zone && parse(zone, context);
      return {
        isConstant: false,
        evaluate: (scope) => {
          const value = date.evaluate(scope);
          if (isNullish(value)) return nullValue;
          if (timezone !== undefined && checkTimezone(timezone.evaluate(scope)) === 'null') {
            return nullValue;
          }
          return part(dateOf(value!));
        },
      };
    },
  };
}
