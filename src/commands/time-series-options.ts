/**
 * What `create` says of a time series collection. There are none yet: what is wrong is told as MongoDB
 * tells it, and what is right is refused.
 */
import { MongoServerError } from '../errors/index.ts';
import type { CommandBody } from './command-body.ts';
import { readExpireAfter } from './expire-after.ts';
import { NestedFields } from './nested-fields.ts';

/** Options of `create` that go with `timeseries`. */
const allowed: ReadonlySet<string> = new Set([
  'collation',
  'expireAfterSeconds',
  'indexOptionDefaults',
  'storageEngine',
  'timeseries',
]);

const fields: ReadonlySet<string> = new Set([
  'timeField',
  'metaField',
  'granularity',
  'bucketMaxSpanSeconds',
  'bucketRoundingSeconds',
]);

const granularities = ['seconds', 'minutes', 'hours'];
/** A year, in seconds. */
const bucketSecondsMax = 31_536_000;

/** Throws unless there is no such option. */
export function refuseTimeSeries(body: CommandBody): void {
  const value = body.optionalDocument('timeseries');
  if (value === undefined) return;
  const path = `${body.name}.timeseries`;
  const nested = new NestedFields(path, value, fields);
  checkFields(nested);
  checkBuckets(path, nested);
  for (const option of body.fieldNames().slice(1)) {
    if (allowed.has(option) || body.isGeneric(option)) continue;
    throw invalid(`${body.namespace()}: 'timeseries' is not allowed with '${option}'`);
  }
  readExpireAfter(body, true);
  throw new MongoServerError(
    'NotImplemented',
    `${body.name} with option 'timeseries' is not implemented yet`,
  );
}

function checkFields(nested: NestedFields): void {
  const timeField = nested.requireString('timeField');
  const metaField = optionalString(nested, 'metaField');
  for (const [name, path] of Object.entries({ timeField, metaField })) {
    if (path === undefined) continue;
    if (path.includes('\0')) {
      throw new MongoServerError('BadValue', `'${name}' must not contain embedded null bytes`);
    }
    if (path.includes('.')) throw invalid(`'${name}' must be a top-level field`);
  }
  if (metaField === '_id') throw invalid(`'metaField' cannot be "_id"`);
  if (metaField === timeField) throw invalid("'metaField' cannot be the same as 'timeField'");
}

function checkBuckets(path: string, nested: NestedFields): void {
  const granularity = optionalString(nested, 'granularity');
  if (granularity !== undefined && !granularities.includes(granularity)) {
    throw new MongoServerError(
      'BadValue',
      `Enumeration value '${granularity}' for field '${path}.granularity' is not a valid value.`,
    );
  }
  const span = bucketSeconds(nested, 'bucketMaxSpanSeconds');
  const rounding = bucketSeconds(nested, 'bucketRoundingSeconds');
  if ((span === undefined) !== (rounding === undefined)) {
    throw invalid(
      "Timeseries 'bucketMaxSpanSeconds' and 'bucketRoundingSeconds' need to be set alongside each other",
    );
  }
  if (span !== rounding) {
    throw invalid("Timeseries 'bucketMaxSpanSeconds' needs to be equal to 'bucketRoundingSeconds'");
  }
  if (rounding !== undefined && granularity !== undefined) {
    throw invalid("Timeseries 'bucketRoundingSeconds' cannot be set with 'granularity'");
  }
}

function bucketSeconds(nested: NestedFields, name: string): number | undefined {
  const seconds = nested.optionalNumber(name);
  if (seconds === undefined || (seconds >= 1 && seconds <= bucketSecondsMax)) return seconds;
  const [sign, limit] = seconds < 1 ? ['>=', 1] : ['<=', bucketSecondsMax];
  throw new MongoServerError(
    'BadValue',
    `BSON field '${name}' value must be ${sign} ${limit}, actual value '${seconds}'`,
  );
}

function optionalString(nested: NestedFields, name: string): string | undefined {
  return nested.value(name) === undefined ? undefined : nested.requireString(name);
}

function invalid(message: string): MongoServerError {
  return new MongoServerError('InvalidOptions', message);
}
