/** Numbers of extended JSON as JavaScript numbers: what options of the driver are made of. */
import { type Document, Double, Int32, Long, Timestamp } from 'mongodb';
import { isPlainDocument } from './match.ts';

export function plain(options: Document): Document {
  return plainValue(options) as Document;
}

function plainValue(value: unknown): unknown {
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (value instanceof Long && !(value instanceof Timestamp)) return value.toNumber();
  if (Array.isArray(value)) return value.map(plainValue);
  if (!isPlainDocument(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plainValue(part)]));
}

/** Only the numbers at the top: documents and pipelines among the arguments stay as they are. */
export function plainTop(args: Document): Document {
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => [
      key,
      typeof value === 'object' && value !== null && '_bsontype' in value
        ? plainValue(value)
        : value,
    ]),
  );
}
