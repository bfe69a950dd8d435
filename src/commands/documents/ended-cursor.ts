/**
 * The `cursor` of a reply as bytes, for the lookup of one document, where an object made and then
 * encoded would cost more than the lookup: `{firstBatch: [document], id: 0, ns}`.
 */
import { BsonType, DocumentWriter, LentDocument } from '../../bson/index.ts';

/** A cursor stands in its buffer until the reply is encoded, mostly at once. */
const writer = new DocumentWriter(1 << 16);

/** Copies the document at [start, end) of the buffer. */
export function cursorOfDocument(
  buffer: Buffer,
  start: number,
  end: number,
  namespace: string,
): LentDocument {
  writer.startDocument();
  writer.startArray('firstBatch');
  writer.rawBytes('0', BsonType.object, buffer, start, end);
  return ended(namespace);
}

export function emptyCursor(namespace: string): LentDocument {
  writer.startDocument();
  writer.startArray('firstBatch');
  return ended(namespace);
}

function ended(namespace: string): LentDocument {
  writer.end();
  writer.int64('id', 0);
  writer.string('ns', namespace);
  writer.end();
  return new LentDocument(writer);
}
