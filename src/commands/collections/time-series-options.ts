/** What `create` and `collMod` say of a time series collection. */
import type { RawValue } from '../../bson/index.ts';
import type { Granularity, TimeSeries } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { NestedFields } from '../dispatch/nested-fields.ts';

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

const granularities: readonly string[] = ['seconds', 'minutes', 'hours'];
/** A year, in seconds. */
const bucketSecondsMax = 31_536_000;

/** Undefined: there is no such option. */
export function readTimeSeries(body: CommandBody): TimeSeries | undefined {
  const value = body.optionalDocument('timeseries');
  if (value === undefined) return undefined;
  const series = readTimeSeriesFields(`${body.name}.timeseries`, value);
  for (const option of body.fieldNames().slice(1)) {
    if (allowed.has(option) || body.isGeneric(option)) continue;
    throw invalid(`${body.namespace()}: 'timeseries' is not allowed with '${option}'`);
  }
  return series;
}

/** `path` is how messages name the document. */
export function readTimeSeriesFields(path: string, value: RawValue): TimeSeries {
  const nested = new NestedFields(path, value, fields);
  const names = readNames(nested);
  return { ...names, ...bucketParameters(readBuckets(path, nested)) };
}

function readNames(nested: NestedFields): Pick<TimeSeries, 'timeField' | 'metaField'> {
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
  return { timeField, ...(metaField === undefined ? {} : { metaField }) };
}

/** The parameters of buckets as a command gives them. */
export interface BucketParameters {
  readonly granularity: Granularity | undefined;
  readonly maxSpan: number | undefined;
  readonly rounding: number | undefined;
}

export function readBuckets(path: string, nested: NestedFields): BucketParameters {
  const granularity = optionalString(nested, 'granularity');
  if (granularity !== undefined && !granularities.includes(granularity)) {
    throw new MongoServerError(
      'BadValue',
      `Enumeration value '${granularity}' for field '${path}.granularity' is not a valid value.`,
    );
  }
  const maxSpan = bucketSeconds(nested, 'bucketMaxSpanSeconds');
  const rounding = bucketSeconds(nested, 'bucketRoundingSeconds');
  return { granularity: granularity as Granularity | undefined, maxSpan, rounding };
}

/** The most seconds a bucket spans. */
export const spanOf: Readonly<Record<Granularity, number>> = {
  seconds: 3600,
  minutes: 86_400,
  hours: 2_592_000,
};

type Buckets = Omit<TimeSeries, 'timeField' | 'metaField'>;

/** As they are stored: by granularity, which is `seconds` unless anything is said, or in seconds. */
function bucketParameters({ granularity, maxSpan, rounding }: BucketParameters): Buckets {
  if (granularity === undefined && (maxSpan ?? rounding) !== undefined) {
    if (maxSpan === undefined || maxSpan !== rounding) {
      throw invalid(
        "Timeseries 'bucketRoundingSeconds' needs to be equal to 'bucketMaxSpanSeconds'",
      );
    }
    return { bucketRoundingSeconds: rounding, bucketMaxSpanSeconds: maxSpan };
  }
  const span = spanOf[granularity ?? 'seconds'];
  if (maxSpan !== undefined && maxSpan !== span) {
    throw invalid(
      `Timeseries 'bucketMaxSpanSeconds' is not configurable to a value other than the default of ${span} for the provided granularity`,
    );
  }
  if (rounding !== undefined) throw roundingWithGranularity();
  return { granularity: granularity ?? 'seconds', bucketMaxSpanSeconds: span };
}

export function roundingWithGranularity(): MongoServerError {
  return invalid(
    "Timeseries 'bucketRoundingSeconds' is not configurable alongside the granularity parameter",
  );
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
