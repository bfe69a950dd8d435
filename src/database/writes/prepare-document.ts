/**
 * A document as it goes into the store: `_id` first, empty timestamps filled in, nothing in it the
 * store can not keep. The bytes were validated at the edge.
 */
import { ObjectId } from 'bson';
import { BsonType, DocumentWriter, ElementReader, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { ClusterTime } from '../oplog/oplog-entry.ts';

/** A stored document's limit in bytes. */
export const documentBytesMax = 16 * 1024 * 1024;

const idName = Buffer.from('_id');
const refusedIdTypes: Readonly<Record<number, string>> = {
  [BsonType.array]: 'array',
  [BsonType.regex]: 'regex',
  [BsonType.undefined]: 'undefined',
};

/**
 * The bytes of `document` ready to be stored; its own when nothing has to change. `timestamp` replaces `Timestamp(0, 0)` in a top-level field
 * other than `_id`; undefined leaves it. Throws BadValue for what can not be an `_id`.
 */
export function prepareForInsert(document: RawValue, timestamp: ClusterTime | undefined): Buffer {
  const { buffer, start } = document;
  const length = buffer.readInt32LE(start);
  const reader = new ElementReader(buffer, start);
  let idAt = -1;
  let idEnd = -1;
  let place = 0;
  let hasEmptyTimestamp = false;
  for (let at = 0; reader.next(); at += 1) {
    if (reader.nameIs(idName)) {
      if (idAt >= 0) {
        throw new MongoServerError('BadValue', "can't have multiple _id fields in one document");
      }
      checkIdValue(reader.value());
      idAt = reader.elementStart;
      idEnd = reader.end;
      place = at;
    } else if (reader.type === BsonType.timestamp && isZero(buffer, reader.start)) {
      hasEmptyTimestamp = true;
    }
  }
  if (length > documentBytesMax) throw tooLarge('object to insert too large.', length);
  const fills = hasEmptyTimestamp && timestamp !== undefined;
  let bytes: Buffer;
  if (idAt >= 0 && place === 0 && !fills) {
    // As it came: nothing below changes the bytes, so the message's own will do.
    return buffer.subarray(start, start + length);
  }
  if (idAt >= 0 && place === 0) {
    bytes = Buffer.allocUnsafe(length);
    buffer.copy(bytes, 0, start, start + length);
  } else if (idAt >= 0) {
    bytes = idMovedFirst(buffer, start, length, idAt, idEnd);
  } else {
    bytes = withNewId(buffer, start, length);
  }
  if (fills) fillTimestamps(bytes, timestamp);
  return bytes;
}

function checkIdFields(buffer: Buffer, start: number): void {
  const reader = new ElementReader(buffer, start);
  while (reader.next()) {
    if (buffer[reader.nameStart] === 0x24) {
      throw new MongoServerError(
        'DollarPrefixedFieldName',
        `_id fields may not contain '$'-prefixed fields: ${reader.name()} is not valid for storage.`,
      );
    }
  }
}

/** Throws when no document can have this `_id`. */
function checkIdValue(id: RawValue): void {
  const name = refusedIdTypes[id.type];
  if (name !== undefined) {
    throw new MongoServerError('InvalidIdField', `The '_id' value cannot be of type ${name}`);
  }
  if (id.type === BsonType.object) checkIdFields(id.buffer, id.start);
}

/** Throws what an update answers when it would store such an `_id`. */
export function checkUpdatedId(id: RawValue | undefined): void {
  if (id !== undefined) checkIdValue(id);
}

export function tooLarge(what: string, length: number): MongoServerError {
  return new MongoServerError(
    'BSONObjectTooLarge',
    `${what} size in bytes: ${length}, max size: ${documentBytesMax}`,
  );
}

function idMovedFirst(
  buffer: Buffer,
  start: number,
  length: number,
  idAt: number,
  idEnd: number,
): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  bytes.writeInt32LE(length, 0);
  let at = 4;
  at += buffer.copy(bytes, at, idAt, idEnd);
  at += buffer.copy(bytes, at, start + 4, idAt);
  buffer.copy(bytes, at, idEnd, start + length);
  return bytes;
}

/** Bytes of the element `_id: ObjectId`. */
const newIdLength = 1 + 4 + 12;

function withNewId(buffer: Buffer, start: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length + newIdLength);
  bytes.writeInt32LE(bytes.length, 0);
  bytes[4] = BsonType.objectId;
  bytes.write('_id\0', 5, 'latin1');
  bytes.set(new ObjectId().id, 9);
  buffer.copy(bytes, 4 + newIdLength, start + 4, start + length);
  return bytes;
}

/** `document` with a fresh ObjectId in front, when it has no `_id`. */
export function withId(document: Buffer): Buffer {
  const reader = new ElementReader(document, 0);
  while (reader.next()) {
    if (!reader.nameIs(idName)) continue;
    if (reader.elementStart === 4) return document;
    return idMovedFirst(document, 0, document.length, reader.elementStart, reader.end);
  }
  return withNewId(document, 0, document.length);
}

function isZero(buffer: Buffer, start: number): boolean {
  return buffer.readInt32LE(start) === 0 && buffer.readInt32LE(start + 4) === 0;
}

/** Replaces `Timestamp(0, 0)` in top-level fields other than `_id`, in place. */
export function fillTimestamps(bytes: Buffer, time: ClusterTime): void {
  const reader = new ElementReader(bytes, 0);
  while (reader.next()) {
    if (reader.type !== BsonType.timestamp || !isZero(bytes, reader.start)) continue;
    if (reader.nameIs(idName)) continue;
    bytes.writeUInt32LE(time.i, reader.start);
    bytes.writeUInt32LE(time.t, reader.start + 4);
  }
}

/** `{field: value, ...}` of an index key, for `keyPattern` and `keyValue` of a DuplicateKey. */
export function documentOfFields(fields: Iterable<readonly [string, RawValue]>): Buffer {
  const writer = new DocumentWriter();
  writer.startDocument();
  for (const [name, value] of fields) writer.raw(name, value);
  writer.end();
  return writer.finish();
}
