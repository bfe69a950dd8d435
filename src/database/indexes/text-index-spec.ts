/**
 * The specification of a text index in the form it is stored in: its text fields are one field for the
 * word and one for its score, and a weight for each of them. Manual: Text Indexes, Text Index Properties.
 */
import {
  BsonType,
  DocumentWriter,
  ElementReader,
  findField,
  type RawValue,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { languageOf } from '../../text/index.ts';
import { keyOf, keyPatternOf } from './index-spec.ts';
import { numberOf } from './spec-values.ts';

/** A weight is more than 0 and less than this. */
const weightLimit = 100_000;
const newestVersion = 3;

function refused(message: string): MongoServerError {
  return new MongoServerError('CannotCreateIndex', message);
}

/** The normal form of a specification whose options were checked each for itself; others stay as they are. */
export function withTextFields(spec: Buffer): Buffer {
  const pattern = keyPatternOf(keyOf(spec));
  const weights = findField(spec, 0, 'weights');
  if (!pattern.some(({ kind }) => kind === 'text')) {
    if (weights === undefined) return spec;
    throw refused("the index option 'weights' is only allowed for text indexes");
  }
  checkFields(keyOf(spec));
  const options = new Map<string, RawValue>();
  const reader = new ElementReader(spec, 0);
  while (reader.next()) options.set(reader.name(), reader.value());
  const written: ReadonlyMap<string, (writer: DocumentWriter) => void> = new Map(
    Object.entries({
      weights: (writer) => {
        writer.startObject('weights');
        for (const [path, weight] of weightsOf(keyOf(spec), weights)) writer.int32(path, weight);
        writer.endObject();
      },
      default_language: (writer) => writer.string('default_language', defaultLanguageOf(options)),
      language_override: (writer) => writer.string('language_override', overrideOf(options)),
    } satisfies Record<string, (writer: DocumentWriter) => void>),
  );
  const version = versionOf(options);
  const writer = new DocumentWriter();
  writer.startDocument();
  for (const [name, value] of options) {
    if (name === 'key') writeKey(writer, value);
    else if (name !== 'textIndexVersion') {
      const write = written.get(name);
      if (write === undefined) writer.raw(name, value);
      else write(writer);
    }
  }
  for (const [name, write] of written) if (!options.has(name)) write(writer);
  writer.int32('textIndexVersion', version);
  writer.end();
  return writer.finish();
}

const reserved: ReadonlySet<string> = new Set(['_fts', '_ftsx']);

/** Fields in front, then the text fields, then fields behind; or the normal form itself. */
function checkFields(key: RawValue): void {
  let place: 'before' | 'text' | 'after' = 'before';
  let previous: string | undefined;
  const reader = new ElementReader(key.buffer, key.start);
  while (reader.next()) {
    const name = reader.name();
    const value = reader.value();
    const isText = value.type === BsonType.string;
    if (name === '_ftsx' && previous === '_fts') {
      if (numberOf(value) !== 1) throw refused('expecting _ftsx:1');
      place = 'after';
    } else if (previous === '_fts') throw refused('expected _ftsx after _fts');
    else if (isText) {
      if (place === 'after') throw refused("'text' fields in index must all be adjacent");
      if (name === '_ftsx' || (name === '_fts' && place === 'text')) throw isReserved();
      place = 'text';
    } else {
      const direction = Math.trunc(numberOf(value) ?? 0);
      if (direction !== 1 && direction !== -1) {
        throw refused('expected value 1 or -1 for non-text key in compound index');
      }
      if (reserved.has(name)) throw isReserved();
      if (place === 'text') place = 'after';
    }
    previous = name;
  }
  if (previous === '_fts') throw refused('expected _ftsx after _fts');
}

function isReserved(): MongoServerError {
  return refused('text index with reserved fields _fts/_ftsx not allowed');
}

function writeKey(writer: DocumentWriter, key: RawValue): void {
  writer.startObject('key');
  let hasText = false;
  const reader = new ElementReader(key.buffer, key.start);
  while (reader.next()) {
    const name = reader.name();
    if (reader.type !== BsonType.string) {
      if (name !== '_ftsx') writer.raw(name, reader.value());
    } else if (!hasText) {
      hasText = true;
      writer.string('_fts', 'text');
      writer.int32('_ftsx', 1);
    }
  }
  writer.endObject();
}

/** By path, in the order of their bytes. */
function weightsOf(key: RawValue, given: RawValue | undefined): [string, number][] {
  const weights = new Map<string, number>();
  const fields = new ElementReader(key.buffer, key.start);
  while (fields.next()) {
    if (fields.type === BsonType.string && fields.name() !== '_fts') weights.set(fields.name(), 1);
  }
  if (given?.type === BsonType.object) {
    const reader = new ElementReader(given.buffer, given.start);
    while (reader.next()) {
      const number = numberOf(reader.value());
      if (number === undefined) throw refused('weight for text index needs numeric type');
      weights.set(reader.name(), Math.trunc(number) || 0);
    }
  } else if (given !== undefined) {
    const isWildcard =
      given.type === BsonType.string &&
      given.buffer.toString('utf8', given.start + 4, given.end - 1) === '$**';
    if (!isWildcard) throw refused("text index option 'weights' must be an object");
    weights.set('$**', 1);
  }
  if (weights.size === 0) {
    throw refused("text index option 'weights' must specify fields or the wildcard");
  }
  const sorted = [...weights].sort(([a], [b]) => Buffer.from(a).compare(Buffer.from(b)));
  for (const [path, weight] of sorted) checkWeight(path, weight);
  return sorted;
}

function checkWeight(path: string, weight: number): void {
  if (weight <= 0 || weight >= weightLimit) {
    throw refused(
      `text index weight must be in the exclusive interval (0,${weightLimit}) but found: ${weight}`,
    );
  }
  if (path === '$**') return;
  if (path === '') throw refused('weight cannot be on an empty field');
  for (const part of path.split('.')) {
    if (part === '') throw refused('weight cannot have empty path component');
    if (part.startsWith('$')) throw refused('weight cannot have path component with $ prefix');
  }
}

function textOf(value: RawValue): string {
  return value.buffer.toString('utf8', value.start + 4, value.end - 1);
}

function defaultLanguageOf(options: ReadonlyMap<string, RawValue>): string {
  const given = options.get('default_language');
  if (given === undefined) return 'english';
  if (languageOf(textOf(given)) === undefined) throw refused('default_language is not valid');
  return textOf(given);
}

/** The name of one field, wherever a document has it. */
function overrideOf(options: ReadonlyMap<string, RawValue>): string {
  const given = options.get('language_override');
  if (given === undefined) return 'language';
  const name = textOf(given);
  if (name !== '' && !name.startsWith('$') && !name.includes('.')) return name;
  throw refused('language_override is not valid');
}

function versionOf(options: ReadonlyMap<string, RawValue>): number {
  const given = options.get('textIndexVersion');
  if (given === undefined) return newestVersion;
  const version = Math.trunc(numberOf(given) ?? 0);
  if (version === 1 || version === 2) {
    throw new MongoServerError(
      'NotImplemented',
      `text indexes of version ${version} are not implemented yet`,
    );
  }
  if (version !== newestVersion) throw refused(`bad textIndexVersion: ${version}`);
  return version;
}
