/** A measurement as a time series keeps it, and MongoDB gives it back: its time first, then its metadata. */
import { BsonType, DocumentWriter, ElementReader } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { TimeSeries } from './time-series.ts';

/**
 * The bytes of `document`, which has an `_id`, with time and metadata in front; its own when they are
 * there. Throws BadValue when it has no time.
 */
export function prepareMeasurement(document: Buffer, series: TimeSeries): Buffer {
  const { timeField, metaField } = series;
  const time = placeOf(document, timeField);
  if (time === undefined || time.type !== BsonType.date) {
    throw new MongoServerError(
      'BadValue',
      `'${timeField}' must be present and contain a valid BSON UTC datetime value`,
    );
  }
  const meta = metaField === undefined ? undefined : placeOf(document, metaField);
  if (time.at === 0 && (meta === undefined || meta.at === 1)) return document;
  const writer = new DocumentWriter();
  writer.startDocument();
  const all = [...elementsOf(document)];
  const first = [time.at, ...(meta === undefined ? [] : [meta.at])];
  for (const at of first) writer.raw(all[at]!.name, all[at]!.value);
  for (const [at, { name, value }] of all.entries()) {
    if (!first.includes(at)) writer.raw(name, value);
  }
  writer.end();
  return writer.finish();
}

function* elementsOf(document: Buffer) {
  const reader = new ElementReader(document, 0);
  while (reader.next()) yield { name: reader.name(), value: reader.value() };
}

/** Which element has this name, the first if there are several. */
function placeOf(document: Buffer, name: string): { at: number; type: number } | undefined {
  const reader = new ElementReader(document, 0);
  for (let at = 0; reader.next(); at += 1) {
    if (reader.name() === name) return { at, type: reader.type };
  }
  return undefined;
}
