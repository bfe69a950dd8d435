/**
 * What an entry's `pre` holds: enough to undo it from local data, to the byte.
 *
 *     {o: whole old document}  |  {d: {$v: 2, diff} from the new document back to the old}
 *     mk: [{iid, was: [bool per key field]}]   multikey flags this entry set
 *     row, row2: catalog rows as they were
 */
import { DocumentWriter, ElementReader, findField } from '../../bson/index.ts';

/** One for all: a new one for each cost more than writing it. */
const writer = new DocumentWriter();

/** Multikey flags of one index before an entry changed them. */
export interface MultikeyBefore {
  readonly indexId: number;
  readonly was: readonly boolean[];
}

export function preImageOfInsert(multikey: readonly MultikeyBefore[]): Buffer | undefined {
  if (multikey.length === 0) return undefined;
  writer.reset();
  writer.startDocument();
  writeMultikey(multikey);
  writer.end();
  return writer.finish();
}

export function preImageOfDelete(document: Buffer): Buffer {
  return wrapDocument('o', document);
}

export function preImageOfUpdate(
  before: Buffer,
  after: Buffer,
  multikey: readonly MultikeyBefore[],
): Buffer {
  const delta = reverseDelta(before, after);
  writer.reset();
  writer.startDocument();
  if (delta === undefined || delta.length >= before.length) {
    writer.rawBytes('o', 3, before, 0, before.length);
  } else writer.rawBytes('d', 3, delta, 0, delta.length);
  writeMultikey(multikey);
  writer.end();
  return writer.finish();
}

function wrapDocument(name: string, document: Buffer): Buffer {
  writer.reset();
  writer.startDocument();
  writer.rawBytes(name, 3, document, 0, document.length);
  writer.end();
  return writer.finish();
}

function writeMultikey(multikey: readonly MultikeyBefore[]): void {
  if (multikey.length === 0) return;
  writer.startArray('mk');
  for (let at = 0; at < multikey.length; at += 1) {
    const { indexId, was } = multikey[at] as MultikeyBefore;
    writer.startObject(String(at));
    writer.int64('iid', indexId);
    writer.startArray('was');
    for (let field = 0; field < was.length; field += 1) {
      writer.bool(String(field), was[field] === true);
    }
    writer.endObject();
    writer.endObject();
  }
  writer.endObject();
}

/** The multikey flags to restore; empty when the entry set none. */
export function multikeyBefore(buffer: Buffer, preStart: number): MultikeyBefore[] {
  const list = findField(buffer, preStart, 'mk');
  if (list === undefined) return [];
  const before: MultikeyBefore[] = [];
  const reader = new ElementReader(buffer, list.start);
  while (reader.next()) {
    const indexId = findField(buffer, reader.start, 'iid');
    const was = findField(buffer, reader.start, 'was');
    if (indexId === undefined || was === undefined) throw new Error('a pre-image is incomplete');
    const flags: boolean[] = [];
    const fields = new ElementReader(buffer, was.start);
    while (fields.next()) flags.push(buffer[fields.start] === 1);
    before.push({ indexId: Number(buffer.readBigInt64LE(indexId.start)), was: flags });
  }
  return before;
}

interface Element {
  readonly start: number;
  readonly end: number;
  /** Including the type byte, so an equal slice is an equal element. */
  readonly valueStart: number;
  readonly type: number;
}

type NamedElement = readonly [string, Element];

/**
 * A `{$v: 2, diff}` that turns `after` back into `before`, or undefined when top-level fields moved
 * or repeat, which a diff can not express.
 */
function reverseDelta(before: Buffer, after: Buffer): Buffer | undefined {
  const changed = changedInPlace(before, after);
  return changed === undefined
    ? deltaByName(before, after)
    : writeDelta(before, { removed: [], changed, inserted: [] });
}

/** With more fields than these a table finds those that repeat. */
const comparedFieldsMax = 32;

/** The old elements that changed, when both have the same fields in the same order, each once: no table is needed. */
function changedInPlace(before: Buffer, after: Buffer): NamedElement[] | undefined {
  const old = new ElementReader(before, 0);
  const now = new ElementReader(after, 0);
  const names: string[] = [];
  const changed: NamedElement[] = [];
  while (old.next()) {
    if (!now.next()) return undefined;
    const name = old.name();
    if (now.name() !== name) return undefined;
    if (names.length === comparedFieldsMax || names.includes(name)) return undefined;
    names.push(name);
    if (!sameElement(old, now)) changed.push([name, elementOf(old)]);
  }
  return now.next() ? undefined : changed;
}

function sameElement(a: ElementReader, b: ElementReader): boolean {
  const length = a.end - a.elementStart;
  if (b.end - b.elementStart !== length) return false;
  for (let i = 0; i < length; i++) {
    if (a.buffer[a.elementStart + i] !== b.buffer[b.elementStart + i]) return false;
  }
  return true;
}

function deltaByName(before: Buffer, after: Buffer): Buffer | undefined {
  const old = elementsOf(before);
  const now = elementsOf(after);
  if (old === undefined || now === undefined) return undefined;

  const removed = [...now.keys()].filter((name) => !old.has(name));
  const changed: NamedElement[] = [];
  const inserted: NamedElement[] = [];
  const common = [...now.keys()].filter((name) => old.has(name));
  let place = 0;
  for (const [name, element] of old) {
    const other = now.get(name);
    if (other === undefined) {
      inserted.push([name, element]);
      continue;
    }
    // A diff keeps the place of what stays and appends what it inserts.
    if (inserted.length > 0 || common[place] !== name) return undefined;
    place += 1;
    const same = before.compare(after, other.start, other.end, element.start, element.end) === 0;
    if (!same) changed.push([name, element]);
  }
  return writeDelta(before, { removed, changed, inserted });
}

interface Differences {
  readonly removed: readonly string[];
  /** As they were. */
  readonly changed: readonly NamedElement[];
  readonly inserted: readonly NamedElement[];
}

function writeDelta(before: Buffer, { removed, changed, inserted }: Differences): Buffer {
  writer.reset();
  writer.startDocument();
  writer.int32('$v', 2);
  writer.startObject('diff');
  if (removed.length > 0) {
    writer.startObject('d');
    for (const name of removed) writer.bool(name, false);
    writer.endObject();
  }
  writeSection('u', before, changed);
  writeSection('i', before, inserted);
  writer.endObject();
  writer.end();
  return writer.finish();
}

function writeSection(section: string, buffer: Buffer, elements: readonly NamedElement[]): void {
  if (elements.length === 0) return;
  writer.startObject(section);
  for (const [name, { type, valueStart, end }] of elements) {
    writer.rawBytes(name, type, buffer, valueStart, end);
  }
  writer.endObject();
}

function elementsOf(document: Buffer): Map<string, Element> | undefined {
  const elements = new Map<string, Element>();
  const reader = new ElementReader(document, 0);
  while (reader.next()) {
    const name = reader.name();
    if (elements.has(name)) return undefined;
    elements.set(name, elementOf(reader));
  }
  return elements;
}

function elementOf({ elementStart, end, start, type }: ElementReader): Element {
  return { start: elementStart, end, valueStart: start, type };
}
