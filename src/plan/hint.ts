import type { CollectionInfo, IndexInfo } from '../../storage/index.ts';
import {
  BsonType,
  decodeValue,
  ElementReader,
  type RawValue,
  readDouble,
  readInt64AsNumber,
} from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { isOwnIndex } from './order-index.ts';

/** A field of a key pattern: 1, -1 or the kind of index. */
export interface HintedField {
  readonly path: string;
  readonly direction: number | string;
}

/** How a client names the index to use. */
export type Hint =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'pattern'; readonly fields: readonly HintedField[] }
  | { readonly kind: 'natural'; readonly direction: 1 | -1 };

/** The `hint` field of a command: an index name, a key pattern or `{$natural: 1}`. */
export function parseHint(value: RawValue | undefined): Hint | undefined {
  if (value === undefined) return undefined;
  if (value.type === BsonType.string) {
    return { kind: 'name', name: value.buffer.toString('utf8', value.start + 4, value.end - 1) };
  }
  if (value.type !== BsonType.object) {
    throw new MongoServerError('FailedToParse', 'Hint must be a string or an object');
  }
  const fields: HintedField[] = [];
  const reader = new ElementReader(value.buffer, value.start);
  while (reader.next()) {
    fields.push({ path: reader.name(), direction: directionOf(reader.value()) });
  }
  if (fields.length === 0) return undefined;
  if (fields[0]!.path === '$natural') {
    const { direction } = fields[0]!;
    if (fields.length > 1 || (direction !== 1 && direction !== -1)) {
      throw new MongoServerError('BadValue', '$natural hint must be 1 or -1');
    }
    return { kind: 'natural', direction };
  }
  return { kind: 'pattern', fields };
}

function directionOf(value: RawValue): number | string {
  if (value.type === BsonType.string) {
    return value.buffer.toString('utf8', value.start + 4, value.end - 1);
  }
  if (value.type === BsonType.int) return value.buffer.readInt32LE(value.start);
  if (value.type === BsonType.double) return readDouble(value.buffer, value.start);
  if (value.type === BsonType.long) return readInt64AsNumber(value.buffer, value.start);
  if (value.type === BsonType.decimal) return Number(String(decodeValue(value)));
  return Number.NaN;
}

/** The index a hint names; undefined when there is no such index. */
export function hintedIndex(collection: CollectionInfo, hint: Hint): IndexInfo | undefined {
  return collection.indexes.find((index) => {
    if (index.state !== 'ready' || isOwnIndex(index)) return false;
    if (hint.kind === 'name') return index.name === hint.name;
    if (hint.kind === 'natural') return false;
    return (
      index.keyPattern.length === hint.fields.length &&
      index.keyPattern.every((field, at) => {
        const asked = hint.fields[at]!;
        return field.path === asked.path && (field.kind ?? field.direction) === asked.direction;
      })
    );
  });
}
