/** Fields below documents, by the names on the way to them; arrays are not entered. */
import { BsonType, type DocumentWriter, ElementReader, findField } from '../bson/index.ts';
import type { MaybeValue } from '../expressions/index.ts';

/** The value at a path through documents only. */
export function valueAt(buffer: Buffer, start: number, path: readonly string[]): MaybeValue {
  let value = findField(buffer, start, path[0]!);
  for (let at = 1; at < path.length; at++) {
    if (value?.type !== BsonType.object) return undefined;
    value = findField(buffer, value.start, path[at]!);
  }
  return value;
}

/**
 * Writes the elements of the document with another value at `path`; undefined takes the field out.
 * `creates`: documents that are missing on the way are made, in place of what else is there.
 */
export function writeWith(
  writer: DocumentWriter,
  buffer: Buffer,
  start: number,
  path: readonly string[],
  value: MaybeValue,
  creates: boolean,
): void {
  writeFrom(writer, buffer, start, path, 0, value, creates);
}

function writeFrom(
  writer: DocumentWriter,
  buffer: Buffer,
  start: number,
  path: readonly string[],
  at: number,
  value: MaybeValue,
  creates: boolean,
): void {
  const reader = new ElementReader(buffer, start);
  const isLast = at === path.length - 1;
  let found = false;
  while (reader.next()) {
    if (found || reader.name() !== path[at]) {
      writer.element(buffer, reader.elementStart, reader.end);
      continue;
    }
    found = true;
    if (isLast) {
      if (value !== undefined) writer.raw(path[at]!, value);
    } else if (reader.type === BsonType.object) {
      writer.startObject(path[at]!);
      writeFrom(writer, buffer, reader.start, path, at + 1, value, creates);
      writer.endObject();
    } else if (creates) {
      writeNew(writer, path, at, value);
    } else writer.element(buffer, reader.elementStart, reader.end);
  }
  if (!found && creates) writeNew(writer, path, at, value);
}

function writeNew(
  writer: DocumentWriter,
  path: readonly string[],
  at: number,
  value: MaybeValue,
): void {
  if (value === undefined) return;
  if (at === path.length - 1) {
    writer.raw(path[at]!, value);
    return;
  }
  writer.startObject(path[at]!);
  writeNew(writer, path, at + 1, value);
  writer.endObject();
}
