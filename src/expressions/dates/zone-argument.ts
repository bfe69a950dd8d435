import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Expression, Scope } from '../expression.ts';
import { isNullish, textOf, typeName } from '../value.ts';
import { type TimeZone, timeZoneOf, utc } from './time-zone.ts';

/** The zone in a scope; undefined when the argument is null or missing there. */
export type ZoneArgument = (scope: Scope) => TimeZone | undefined;

/**
 * The `timezone` of a date operator, UTC where none is given. What is no zone throws 40517 or 40485, with
 * `failure` before the text where the operator says so.
 */
export function zoneArgument(argument: Expression | undefined, failure?: string): ZoneArgument {
  if (argument === undefined) return () => utc;
  if (!argument.isConstant) return (scope) => zoneIn(argument, scope, failure);
  let known: { readonly zone: TimeZone | undefined } | undefined;
  return (scope) => {
    known ??= { zone: zoneIn(argument, scope, failure) };
    return known.zone;
  };
}

function zoneIn(argument: Expression, scope: Scope, failure?: string): TimeZone | undefined {
  const value = argument.evaluate(scope);
  if (isNullish(value)) return undefined;
  const prefix = failure === undefined ? '' : `${failure} :: caused by :: `;
  if (value!.type !== BsonType.string) {
    throw new MongoServerError(
      40517,
      `${prefix}timezone must evaluate to a string, found ${typeName(value)}`,
    );
  }
  if (failure === undefined) return timeZoneOf(textOf(value!));
  try {
    return timeZoneOf(textOf(value!));
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    throw new MongoServerError(error.code, prefix + error.message);
  }
}
