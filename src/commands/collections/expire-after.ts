/** How long documents of a collection stay after the date that is their `_id`. */
import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { CommandBody } from '../dispatch/command-body.ts';

const onlyClustered =
  "'expireAfterSeconds' is only supported on time-series collections or when the 'clusteredIndex' option is specified";

/** Of create: seconds. */
export function readExpireAfter(body: CommandBody, isClustered: boolean): bigint | undefined {
  const seconds = body.optionalInt('expireAfterSeconds');
  if (seconds === undefined) return undefined;
  if (!isClustered) throw notClustered();
  return checked(seconds);
}

/** Of collMod: `off` ends it. */
export function readExpireAfterChange(body: CommandBody): bigint | 'off' | undefined {
  const value = body.value('expireAfterSeconds');
  if (value?.type === BsonType.null) {
    throw body.wrongType(
      'expireAfterSeconds',
      value.type,
      "'[string, decimal, double, long, int]'",
    );
  }
  if (value?.type !== BsonType.string) {
    const seconds = body.optionalInt('expireAfterSeconds');
    return seconds === undefined ? undefined : checked(seconds);
  }
  const word = body.requireString('expireAfterSeconds');
  if (word === 'off') return 'off';
  throw new MongoServerError(
    'InvalidOptions',
    `Invalid string value for the 'clusteredIndex::expireAfterSeconds' option. Got: '${word}'. Accepted value is 'off'`,
  );
}

export function notClustered(): MongoServerError {
  return new MongoServerError('InvalidOptions', onlyClustered);
}

function checked(seconds: number): bigint {
  if (seconds < 0) {
    throw new MongoServerError(
      'InvalidOptions',
      "TTL index 'expireAfterSeconds' option cannot be less than 0",
    );
  }
  if (seconds >= 2 ** 63) throw tooLate();
  return BigInt(seconds);
}

/** Throws when documents would stay for longer than there have been dates, since 1970. */
export function checkExpireAfter(seconds: number | undefined, nowMs: number): void {
  if (seconds !== undefined && seconds * 1000 > nowMs) throw tooLate();
}

function tooLate(): MongoServerError {
  return new MongoServerError(
    'InvalidOptions',
    "TTL index 'expireAfterSeconds' option must be within an acceptable range, try a lower number",
  );
}
