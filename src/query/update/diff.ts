/**
 * The server's update description of version 2, as it stands in the oplog:
 * `{$v: 2, diff: {d: {gone: false}, u: {changed: 1}, i: {new: 1}, sSub: {...}}}`, and for an array
 * `{a: true, l: newLength, u0: value, s1: {...}}`.
 */
import { BsonType, DocumentWriter, type RawValue } from '../../bson/index.ts';
import { elementsOf } from './array-elements.ts';
import { sameBytes } from './modifier.ts';

export interface Diff {
  readonly isArray: boolean;
  /** The length an array is cut to. */
  length: number | undefined;
  readonly deleted: string[];
  /** Changed fields that keep their place; the elements of an array, new ones too. */
  readonly updated: [string, RawValue][];
  /** New fields, which go behind the others. */
  readonly inserted: [string, RawValue][];
  readonly below: [string, Diff][];
}

export function newDiff(isArray: boolean): Diff {
  return { isArray, length: undefined, deleted: [], updated: [], inserted: [], below: [] };
}

export function isEmptyDiff(diff: Diff): boolean {
  return (
    diff.length === undefined &&
    diff.deleted.length === 0 &&
    diff.updated.length === 0 &&
    diff.inserted.length === 0 &&
    diff.below.length === 0
  );
}

/** What a type byte, name and the headers around cost, roughly. */
const elementOverhead = 8;

/** How an array became another one; undefined when the new array is as short to write. */
function diffArrays(before: RawValue, after: RawValue): Diff | undefined {
  const old = elementsOf(before);
  const now = elementsOf(after);
  const diff = newDiff(true);
  if (now.length < old.length) diff.length = now.length;
  let size = 0;
  for (let i = 0; i < now.length; i++) {
    const value = now[i]!;
    const other = old[i];
    if (other !== undefined && sameBytes(value, other)) continue;
    size += value.end - value.start + elementOverhead;
    if (size > after.end - after.start) return undefined;
    diff.updated.push([`${i}`, value]);
  }
  return diff;
}

const writer = new DocumentWriter();

export function encodeDiff(diff: Diff): Buffer {
  writer.startDocument();
  writer.int32('$v', 2);
  writer.startObject('diff');
  writeDiff(diff);
  writer.end();
  writer.end();
  return writer.finish();
}

function writeDiff(diff: Diff): void {
  if (diff.isArray) {
    writer.bool('a', true);
    if (diff.length !== undefined) writer.int32('l', diff.length);
    for (const [index, value] of diff.updated) writer.raw(`u${index}`, value);
  } else {
    if (diff.deleted.length > 0) {
      writer.startObject('d');
      for (const name of diff.deleted) writer.bool(name, false);
      writer.end();
    }
    writeSection('u', diff.updated);
    writeSection('i', diff.inserted);
  }
  for (const [name, inner] of diff.below) {
    writer.startObject(`s${name}`);
    writeDiff(inner);
    writer.end();
  }
}

function writeSection(name: string, fields: readonly (readonly [string, RawValue])[]): void {
  if (fields.length === 0) return;
  writer.startObject(name);
  for (const [field, value] of fields) writer.raw(field, value);
  writer.end();
}

/** A field's change as the shortest of: the whole value, or for two arrays what differs. */
export function addChange(diff: Diff, name: string, before: RawValue, after: RawValue): void {
  if (before.type === BsonType.array && after.type === BsonType.array) {
    const inner = diffArrays(before, after);
    if (inner !== undefined) {
      diff.below.push([name, inner]);
      return;
    }
  }
  diff.updated.push([name, after]);
}
