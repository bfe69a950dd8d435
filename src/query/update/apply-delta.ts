import {
  BsonType,
  DocumentWriter,
  ElementReader,
  findField,
  type RawValue,
  readInt32,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';

const writer = new DocumentWriter();

/** The document an update led to: what a secondary does with `{$v: 2, diff: {...}}`. */
export function applyDelta(document: Buffer, start: number, delta: Buffer): Buffer {
  const diff = findField(delta, 0, 'diff');
  if (diff === undefined || diff.type !== BsonType.object) {
    throw new MongoServerError('FailedToParse', 'an update entry has no diff');
  }
  try {
    writer.startDocument();
    applyToDocument(document, start, diff);
    writer.end();
    return writer.finish();
  } catch (error) {
    writer.reset();
    throw error;
  }
}

type Sections = Map<string, RawValue>;

function fieldsOf(value: RawValue | undefined): Sections {
  const fields: Sections = new Map();
  if (value === undefined) return fields;
  const reader = new ElementReader(value.buffer, value.start);
  while (reader.next()) fields.set(reader.name(), reader.value());
  return fields;
}

function applyToDocument(document: Buffer, start: number, diff: RawValue): void {
  const sections = fieldsOf(diff);
  const deleted = fieldsOf(sections.get('d'));
  const updated = fieldsOf(sections.get('u'));
  const seen = new Set<string>();
  const reader = new ElementReader(document, start);
  while (reader.next()) {
    const name = reader.name();
    const below = sections.get(`s${name}`);
    const value = updated.get(name);
    // Of two fields of one name the first is meant.
    if (seen.has(name)) writer.element(document, reader.elementStart, reader.end);
    else if (deleted.has(name)) seen.add(name);
    else if (value !== undefined) {
      seen.add(name);
      writer.raw(name, value);
    } else if (below !== undefined) {
      seen.add(name);
      applyBelow(name, reader.value(), below);
    } else writer.element(document, reader.elementStart, reader.end);
  }
  for (const [name, value] of updated) if (!seen.has(name)) writer.raw(name, value);
  for (const [name, value] of fieldsOf(sections.get('i'))) writer.raw(name, value);
}

function applyBelow(name: string, value: RawValue, diff: RawValue): void {
  const isArrayDiff = findField(diff.buffer, diff.start, 'a') !== undefined;
  if (isArrayDiff && value.type === BsonType.array) {
    writer.startArray(name);
    applyToArray(value, diff);
    writer.end();
  } else if (!isArrayDiff && value.type === BsonType.object) {
    writer.startObject(name);
    applyToDocument(value.buffer, value.start, diff);
    writer.end();
  } else {
    throw new MongoServerError('FailedToParse', `a diff does not fit the field '${name}'`);
  }
}

function applyToArray(array: RawValue, diff: RawValue): void {
  const sections = fieldsOf(diff);
  const cut = sections.get('l');
  const limit = cut === undefined ? Number.POSITIVE_INFINITY : readInt32(cut.buffer, cut.start);
  let length = 0;
  const reader = new ElementReader(array.buffer, array.start);
  while (length < limit && reader.next()) {
    const name = `${length++}`;
    const value = sections.get(`u${name}`);
    const below = sections.get(`s${name}`);
    if (value !== undefined) writer.raw(name, value);
    else if (below !== undefined) applyBelow(name, reader.value(), below);
    else writer.raw(name, reader.value());
  }
  for (const [section, value] of sections) {
    if (!section.startsWith('u')) continue;
    const index = Number(section.slice(1));
    if (index < length) continue;
    while (length < index) writer.null(`${length++}`);
    writer.raw(`${length++}`, value);
  }
}
