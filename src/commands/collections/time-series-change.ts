/** What collMod changes of a time series: its buckets may grow. */
import type { Granularity, TimeSeries } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { NestedFields } from '../dispatch/nested-fields.ts';
import {
  type BucketParameters,
  readBuckets,
  roundingWithGranularity,
  spanOf,
} from './time-series-options.ts';

const fields: ReadonlySet<string> = new Set([
  'granularity',
  'bucketMaxSpanSeconds',
  'bucketRoundingSeconds',
]);

/** Seconds a bucket's first time is rounded down to. */
const roundingOf: Readonly<Record<Granularity, number>> = {
  seconds: 60,
  minutes: 3600,
  hours: 86_400,
};

/** Undefined: there is no such option. */
export function readTimeSeriesChange(body: CommandBody): BucketParameters | undefined {
  const value = body.optionalDocument('timeseries');
  if (value === undefined) return undefined;
  const path = `${body.name}.timeseries`;
  return readBuckets(path, new NestedFields(path, value, fields));
}

/** The options after the change. Throws InvalidOptions unless buckets stay as they are or grow. */
export function changedTimeSeries(series: TimeSeries, change: BucketParameters): TimeSeries {
  const { granularity, maxSpan, rounding } = change;
  const { timeField, metaField } = series;
  const names = { timeField, ...(metaField === undefined ? {} : { metaField }) };
  if (granularity !== undefined) {
    if (maxSpan !== undefined && maxSpan !== spanOf[granularity]) {
      throw invalid(
        "Timeseries 'bucketMaxSpanSeconds' is not configurable to a value other than the default for the provided granularity",
      );
    }
    if (rounding !== undefined) throw roundingWithGranularity();
    checkGrowth(series, granularity);
    return { ...names, granularity, bucketMaxSpanSeconds: spanOf[granularity] };
  }
  if (maxSpan === undefined && rounding === undefined) return series;
  if (maxSpan === undefined || rounding === undefined) {
    throw invalid(
      "Timeseries 'bucketMaxSpanSeconds' and 'bucketRoundingSeconds' need to be set alongside each other",
    );
  }
  if (maxSpan !== rounding) {
    throw invalid("Timeseries 'bucketRoundingSeconds' needs to be equal to 'bucketMaxSpanSeconds'");
  }
  requireGrowth('bucketMaxSpanSeconds', series.bucketMaxSpanSeconds, maxSpan);
  requireGrowth('bucketRoundingSeconds', roundedTo(series), rounding);
  return { ...names, bucketRoundingSeconds: rounding, bucketMaxSpanSeconds: maxSpan };
}

/** From one granularity to another, or from parameters in seconds to a granularity. */
function checkGrowth(series: TimeSeries, granularity: Granularity): void {
  if (series.granularity === undefined) {
    requireGrowth('bucketMaxSpanSeconds', series.bucketMaxSpanSeconds, spanOf[granularity]);
    requireGrowth('bucketRoundingSeconds', roundedTo(series), roundingOf[granularity]);
    return;
  }
  if (spanOf[granularity] >= spanOf[series.granularity]) return;
  throw invalid(
    "Invalid transition for timeseries.granularity. Can only transition from 'seconds' to 'minutes' or 'minutes' to 'hours'.",
  );
}

function roundedTo({ bucketRoundingSeconds, granularity }: TimeSeries): number {
  return bucketRoundingSeconds ?? roundingOf[granularity ?? 'seconds'];
}

function requireGrowth(name: string, before: number, after: number): void {
  if (after >= before) return;
  throw invalid(`Timeseries '${name}' needs to be equal or greater to transition`);
}

function invalid(message: string): MongoServerError {
  return new MongoServerError('InvalidOptions', message);
}
