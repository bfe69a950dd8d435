/**
 * How one document became another, when only the two are known. Fields are walked in step: those of one
 * name at the same place are compared, and what is out of step is deleted and inserted behind the rest,
 * so that the delta gives the new bytes with their order.
 */
import { BsonType, documentEnd, ElementReader, type RawValue } from '../../bson/index.ts';
import { addChange, type Diff, isEmptyDiff, newDiff } from './diff.ts';
import { sameBytes } from './modifier.ts';

/** Undefined when a diff cannot tell it: a name stands in a document twice. */
export function diffDocuments(before: Buffer, after: Buffer): Diff | undefined {
  return diffFields(whole(before), whole(after));
}

function whole(document: Buffer): RawValue {
  const end = documentEnd(document, 0);
  return { buffer: document, type: BsonType.object, start: 0, end };
}

type Field = readonly [name: string, value: RawValue];

/** Undefined when a name stands there twice. */
function fieldsOf(document: RawValue): Field[] | undefined {
  const fields: Field[] = [];
  const names = new Set<string>();
  const reader = new ElementReader(document.buffer, document.start);
  while (reader.next()) {
    const name = reader.name();
    if (names.has(name)) return undefined;
    names.add(name);
    fields.push([name, reader.value()]);
  }
  return fields;
}

function diffFields(before: RawValue, after: RawValue): Diff | undefined {
  const old = fieldsOf(before);
  const now = fieldsOf(after);
  if (old === undefined || now === undefined) return undefined;
  const diff = newDiff(false);
  let at = 0;
  for (const [name, value] of old) {
    const next = now[at];
    if (next === undefined || next[0] !== name) {
      diff.deleted.push(name);
      continue;
    }
    at++;
    addFieldChange(diff, name, value, next[1]);
  }
  for (const [name, value] of now.slice(at)) diff.inserted.push([name, value]);
  return diff;
}

function addFieldChange(diff: Diff, name: string, before: RawValue, after: RawValue): void {
  if (before.type === after.type && sameBytes(before, after)) return;
  if (before.type === BsonType.object && after.type === BsonType.object) {
    const inner = diffFields(before, after);
    if (inner !== undefined && !isEmptyDiff(inner)) {
      diff.below.push([name, inner]);
      return;
    }
  }
  addChange(diff, name, before, after);
}

/** Paths whose values changed, with positions in arrays. */
export function changedPathsOf(diff: Diff): string[] {
  const paths: string[] = [];
  collect(diff, '', paths);
  return paths;
}

function collect(diff: Diff, prefix: string, into: string[]): void {
  // An array that got shorter or longer changed as a whole.
  if (diff.isArray) {
    into.push(prefix.slice(0, -1));
    return;
  }
  for (const name of diff.deleted) into.push(prefix + name);
  for (const [name] of [...diff.updated, ...diff.inserted]) into.push(prefix + name);
  for (const [name, inner] of diff.below) collect(inner, `${prefix}${name}.`, into);
}
