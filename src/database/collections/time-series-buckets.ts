/**
 * `system.buckets.NAME` of a time series, as the database tools read and write it. There are no buckets: each
 * measurement is shown as a bucket of its own, in MongoDB's version 1, which is not compressed, and a
 * bucket that is inserted is taken apart into its measurements.
 */
import {
  BsonType,
  DocumentWriter,
  ElementReader,
  encodeValue,
  findField,
  type RawValue,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Database } from '../database.ts';
import { bucketsOwner, type TimeSeries, timeSeriesOf } from './time-series.ts';

/** The time series whose buckets a namespace shows; undefined: it is an ordinary name. */
export function bucketsBehind(
  { catalog }: Pick<Database, 'catalog'>,
  namespace: string,
): { readonly namespace: string; readonly series: TimeSeries } | undefined {
  const owner = bucketsOwner(namespace);
  const info = owner === undefined ? undefined : catalog.byNamespace(owner);
  const series = info && timeSeriesOf(info);
  return info && series && { namespace: info.namespace, series };
}

const hexDigits = '0123456789abcdef';

/** The lowest hexadecimal digits of a whole number, as many as `digits`. */
function hexOf(number: unknown, digits: number): Record<string, unknown> {
  const places = Array.from({ length: digits }, (_, at) => digits - 1 - at);
  const digit = { $mod: [{ $trunc: { $divide: ['$$number', { $pow: [16, '$$this'] }] } }, 16] };
  const append = { $concat: ['$$value', { $substrCP: [hexDigits, { $toInt: digit }, 1] }] };
  const text = { $reduce: { input: places, initialValue: '', in: append } };
  return { $let: { vars: { number }, in: text } };
}

/** A field by its name, which may begin with a dollar sign. */
function fieldNamed(name: string): Record<string, unknown> {
  return { $getField: { field: { $literal: name }, input: '$$ROOT' } };
}

/** The stages that show measurements as buckets. A bucket's id begins with its time, as MongoDB's do. */
export function bucketStages({ timeField, metaField }: TimeSeries): RawValue[] {
  const seconds = { $trunc: { $divide: [{ $toLong: fieldNamed(timeField) }, 1000] } };
  const half = { $floor: { $multiply: [{ $rand: {} }, 2 ** 32] } };
  const rest = {
    $cond: [
      { $eq: [{ $type: '$_id' }, 'objectId'] },
      { $substrCP: [{ $toString: '$_id' }, 8, 16] },
      { $concat: [hexOf(half, 8), hexOf(half, 8)] },
    ],
  };
  const fields = {
    $filter: {
      input: { $objectToArray: '$$ROOT' },
      cond: { $ne: ['$$this.k', { $literal: metaField ?? '' }] },
    },
  };
  const all = { $objectToArray: '$$ROOT' };
  const measured = metaField === undefined ? all : fields;
  const bounds = { $arrayToObject: measured };
  const columns = {
    $arrayToObject: { $map: { input: measured, in: { k: '$$this.k', v: { 0: '$$this.v' } } } },
  };
  const bucket = {
    _id: { $toObjectId: { $concat: [hexOf({ $max: [seconds, 0] }, 8), rest] } },
    control: { version: { $literal: 1 }, min: bounds, max: bounds },
    ...(metaField === undefined ? {} : { meta: fieldNamed(metaField) }),
    data: columns,
  };
  return [encodeValue({ $replaceWith: bucket })];
}

/** The measurements in a bucket. Throws BadValue for what is none, NotImplemented for a compressed one. */
export function unpackBucket(bucket: RawValue, { metaField }: TimeSeries): RawValue[] {
  const control = findField(bucket.buffer, bucket.start, 'control');
  const data = findField(bucket.buffer, bucket.start, 'data');
  if (control?.type !== BsonType.object || data?.type !== BsonType.object) {
    throw new MongoServerError('BadValue', 'a bucket has the objects control and data');
  }
  const version = findField(control.buffer, control.start, 'version');
  if (version?.type !== BsonType.int || version.buffer.readInt32LE(version.start) !== 1) {
    throw new MongoServerError(
      'NotImplemented',
      'buckets of versions 2 and 3, which are compressed, are not unpacked yet',
    );
  }
  const meta = findField(bucket.buffer, bucket.start, 'meta');
  const rows = new Map<string, [string, RawValue][]>();
  const columns = new ElementReader(data.buffer, data.start);
  while (columns.next()) {
    const name = columns.name();
    if (columns.type !== BsonType.object) {
      throw new MongoServerError('BadValue', `the column ${name} of a bucket is no object`);
    }
    const { buffer, start } = columns.value();
    const cells = new ElementReader(buffer, start);
    while (cells.next()) {
      const row = rows.get(cells.name()) ?? [];
      row.push([name, cells.value()]);
      rows.set(cells.name(), row);
    }
  }
  return [...rows.values()].map((row) => {
    const writer = new DocumentWriter();
    writer.startDocument();
    if (meta !== undefined && metaField !== undefined) writer.raw(metaField, meta);
    for (const [name, value] of row) writer.raw(name, value);
    writer.end();
    const buffer = writer.finish();
    return { buffer, type: BsonType.object, start: 0, end: buffer.length };
  });
}
