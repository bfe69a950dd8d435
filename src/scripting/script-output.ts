/**
 * Values on their way out of the sandbox. The text is JSON: strings, numbers (doubles), booleans and null
 * stand for themselves, everything else is a list that begins with a tag (see `write` in invoker.js). A
 * client's function may have tampered with whatever wrote it, so nothing in it is believed.
 */
import { Decimal128 } from 'bson';
import { BsonType, DocumentWriter, ElementReader, type RawValue } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';

/** BSON nests no deeper, and the interpreter's own limit is lower. */
const maxDepth = 180;

/** The objects that went in, `[self, args]`, and where to look their int32s up. */
export type Inputs = readonly [self: RawValue | undefined, args: readonly (RawValue | undefined)[]];

/** The value that `text` stands for, in bytes of its own. Throws JSInterpreterFailure. */
export function scriptOutput(text: string, inputs: Inputs): RawValue {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw malformed();
  }
  const writer = new DocumentWriter();
  writer.startDocument();
  writeValue(writer, '', parsed, { depth: 1, inputs, isIntThere: undefined });
  writer.end();
  const bytes = writer.finish();
  const reader = new ElementReader(bytes, 0);
  reader.next();
  return reader.value();
}

interface Place {
  readonly depth: number;
  readonly inputs: Inputs;
  /** Whether the field was an int32 in the object this one came from; undefined: it is a new object. */
  readonly isIntThere: ReadonlySet<string> | undefined;
}

function writeValue(writer: DocumentWriter, name: string, value: unknown, place: Place): void {
  if (name.includes('\0')) {
    throw new MongoServerError(
      16985,
      'JavaScript property (name) contains a null char which is not allowed in BSON. ',
    );
  }
  if (value === null) writer.null(name);
  else if (typeof value === 'string') writer.string(name, value);
  else if (typeof value === 'boolean') writer.bool(name, value);
  else if (typeof value === 'number') {
    if (isInt32(value) && place.isIntThere?.has(name) === true) writer.int32(name, value);
    else writer.double(name, value);
  } else if (Array.isArray(value)) writeTagged(writer, name, value, place);
  else throw malformed();
}

function writeTagged(
  writer: DocumentWriter,
  name: string,
  [tag, ...parts]: readonly unknown[],
  { depth, inputs }: Place,
): void {
  if (depth > maxDepth) throw malformed();
  const [first, second] = parts;
  const below = { depth: depth + 1, inputs };
  switch (tag) {
    case 'a':
      writer.startArray(name);
      parts.forEach((part, at) => {
        writeValue(writer, String(at), part, { ...below, isIntThere: undefined });
      });
      writer.end();
      return;
    case 'o':
      writer.startObject(name);
      writeFields(writer, parts, { ...below, isIntThere: intsAt(first, inputs) });
      writer.end();
      return;
    case 'u':
      writer.rawBytes(name, BsonType.undefined, noBytes, 0, 0);
      return;
    case 'n':
      writer.double(name, Number(textIn(first)));
      return;
    case 'i':
      writer.int32(name, Number(first) | 0);
      return;
    case 'l':
      writer.int64(name, integerIn(first));
      return;
    case 'm':
      writer.decimal(name, decimalIn(textIn(first)).bytes);
      return;
    case 'oid':
      writer.objectId(name, hexIn(first));
      return;
    case 'b':
      writeBinary(writer, name, first, textIn(second));
      return;
    case 't':
      writer.timestamp(name, { t: uint32In(first), i: uint32In(second) });
      return;
    case 'date':
      writer.date(name, dateIn(first));
      return;
    case 'r':
      writer.regex(name, cstringIn(first), bsonFlags(cstringIn(second)));
      return;
    case 'c':
      writeCode(writer, name, textIn(first), second, below);
      return;
    case 'p':
      writeDbPointer(writer, name, textIn(first), hexIn(second));
      return;
    case 'min':
      writer.minKey(name);
      return;
    case 'max':
      writer.rawBytes(name, BsonType.maxKey, noBytes, 0, 0);
      return;
    default:
      throw malformed();
  }
}

const noBytes = Buffer.alloc(0);

/** `[origin, name, value, name, value, ...]`. */
function writeFields(writer: DocumentWriter, parts: readonly unknown[], place: Place): void {
  for (let at = 1; at + 1 < parts.length; at += 2) {
    writeValue(writer, textIn(parts[at]), parts[at + 1], place);
  }
}

/** The names of the int32 fields of the input object at a path; undefined when there is none. */
function intsAt(path: unknown, [self, args]: Inputs): ReadonlySet<string> | undefined {
  if (!Array.isArray(path)) return undefined;
  let at = path[0] === '0' ? self : args[Number(path[1])];
  for (const step of path.slice(path[0] === '0' ? 1 : 2)) at = at && fieldOf(at, step);
  if (at?.type !== BsonType.object) return undefined;
  const names = new Set<string>();
  const reader = new ElementReader(at.buffer, at.start);
  while (reader.next()) if (reader.type === BsonType.int) names.add(reader.name());
  return names;
}

function fieldOf(value: RawValue, name: unknown): RawValue | undefined {
  if (value.type !== BsonType.object && value.type !== BsonType.array) return undefined;
  const reader = new ElementReader(value.buffer, value.start);
  while (reader.next()) if (reader.name() === name) return reader.value();
  return undefined;
}

function writeBinary(writer: DocumentWriter, name: string, subtype: unknown, base64: string): void {
  if (typeof subtype !== 'number' || !(subtype >= 0 && subtype <= 255)) {
    throw new MongoServerError(6123400, 'BinData sub type must be between 0 and 255');
  }
  const bytes = Buffer.from(base64, 'base64');
  const content = Buffer.allocUnsafe(5 + bytes.length);
  content.writeInt32LE(bytes.length, 0);
  content[4] = Math.trunc(subtype);
  bytes.copy(content, 5);
  writer.rawBytes(name, BsonType.binData, content, 0, content.length);
}

function writeCode(
  writer: DocumentWriter,
  name: string,
  code: string,
  scope: unknown,
  below: Omit<Place, 'isIntThere'>,
): void {
  if (scope === undefined) {
    writer.javascript(name, code);
    return;
  }
  const inner = new DocumentWriter();
  inner.startDocument();
  if (Array.isArray(scope) && scope[0] === 'o') {
    writeFields(inner, scope.slice(1), { ...below, isIntThere: undefined });
  }
  inner.end();
  const scopeBytes = inner.finish();
  const codeBytes = Buffer.from(`${code}\0`);
  const bytes = Buffer.alloc(8);
  bytes.writeInt32LE(8 + codeBytes.length + scopeBytes.length, 0);
  bytes.writeInt32LE(codeBytes.length, 4);
  const all = Buffer.concat([bytes, codeBytes, scopeBytes]);
  writer.rawBytes(name, BsonType.javascriptWithScope, all, 0, all.length);
}

function writeDbPointer(writer: DocumentWriter, name: string, ns: string, id: Buffer): void {
  const namespace = Buffer.from(`${ns}\0`);
  const length = Buffer.alloc(4);
  length.writeInt32LE(namespace.length, 0);
  const bytes = Buffer.concat([length, namespace, id]);
  writer.rawBytes(name, BsonType.dbPointer, bytes, 0, bytes.length);
}

function isInt32(value: number): boolean {
  return (value | 0) === value;
}

function textIn(part: unknown): string {
  if (typeof part !== 'string') throw malformed();
  return part;
}

function cstringIn(part: unknown): string {
  const text = textIn(part);
  if (text.includes('\0')) {
    throw new MongoServerError('BadValue', 'a regular expression cannot hold a null char');
  }
  return text;
}

/** The flags BSON knows, in its order. */
function bsonFlags(flags: string): string {
  return [...'ims'].filter((flag) => flags.includes(flag)).join('');
}

function hexIn(part: unknown): Buffer {
  const text = textIn(part);
  if (!/^[0-9a-f]{24}$/.test(text)) throw malformed();
  return Buffer.from(text, 'hex');
}

function integerIn(part: unknown): bigint {
  const text = textIn(part);
  if (!/^-?[0-9]{1,19}$/.test(text)) throw malformed();
  return BigInt.asIntN(64, BigInt(text));
}

function uint32In(part: unknown): number {
  if (typeof part !== 'number' || !(part >= 0 && part <= 0xffff_ffff)) {
    throw new MongoServerError('BadValue', 'Unable to write Timestamp value.');
  }
  return Math.trunc(part);
}

function decimalIn(text: string): Decimal128 {
  try {
    return Decimal128.fromString(text);
  } catch {
    throw new MongoServerError('BadValue', 'Input is not a valid Decimal128 value.');
  }
}

/** An invalid date (NaN, written as null by JSON) is 0, as SpiderMonkey makes an integer of it. */
function dateIn(part: unknown): number {
  return typeof part === 'number' && Number.isSafeInteger(part) ? part : 0;
}

function malformed(): MongoServerError {
  return new MongoServerError('JSInterpreterFailure', 'the function gave no value of BSON');
}
