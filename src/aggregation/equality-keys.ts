/** The values one document is joined by, and the filter that finds the documents joined to it. */
import { BsonType, DocumentWriter, ElementReader, findField } from '../bson/index.ts';
import {
  elementsOf,
  type MaybeValue,
  noVariables,
  nullValue,
  type Value,
} from '../expressions/index.ts';
import { type Filter, parseFilter } from '../query/index.ts';
import type { Pipeline } from './pipeline.ts';

/**
 * The values at a path of a document, elements of arrays in place of the arrays, one null when there is
 * nothing (manual: $lookup, "Use $lookup with an Array"). The first name is a field's; behind an array
 * a number is the position of an element.
 */
export function keysAt(buffer: Buffer, start: number, path: readonly string[]): Value[] {
  const keys: Value[] = [];
  collect(findField(buffer, start, path[0]!), path, 1, keys);
  return keys.length === 0 ? [nullValue] : keys;
}

/** The same without the null. */
export function valuesAt(buffer: Buffer, start: number, path: readonly string[]): Value[] {
  const found: Value[] = [];
  collect(findField(buffer, start, path[0]!), path, 1, found);
  return found;
}

function collect(given: MaybeValue, path: readonly string[], from: number, into: Value[]): void {
  let value = given;
  let at = from;
  while (at < path.length && value?.type === BsonType.array && /^\d+$/.test(path[at]!)) {
    value = findField(value.buffer, value.start, String(Number(path[at])));
    at++;
  }
  if (value === undefined) return;
  if (at === path.length) {
    if (value.type === BsonType.array) into.push(...elementsOf(value));
    else into.push(value);
  } else if (value.type === BsonType.object) {
    collect(findField(value.buffer, value.start, path[at]!), path, at + 1, into);
  } else if (value.type === BsonType.array) {
    const reader = new ElementReader(value.buffer, value.start);
    while (reader.next()) {
      if (reader.type !== BsonType.object) continue;
      collect(findField(value.buffer, reader.start, path[at]!), path, at + 1, into);
    }
  }
}

/**
 * Documents with one of these values at `path`, as `$eq` says. Regular expressions are values like
 * others, which they would not be inside an `$in`.
 */
export function equalityFilter(
  path: string,
  keys: readonly Value[],
  collation: Pipeline['collation'],
): Filter {
  const spec = equalitySpec(path, keys);
  return parseFilter(spec, 0, { variables: noVariables.under(collation) });
}

function equalitySpec(path: string, keys: readonly Value[]): Buffer {
  const writer = new DocumentWriter();
  const writeEqual = (key: Value): void => {
    writer.startObject(path);
    writer.raw('$eq', key.type === BsonType.undefined ? nullValue : key);
    writer.endObject();
  };
  writer.startDocument();
  if (keys.length === 1) writeEqual(keys[0]!);
  else if (keys.some(({ type }) => type === BsonType.regex)) {
    writer.startArray('$or');
    for (const [at, key] of keys.entries()) {
      writer.startObject(String(at));
      writeEqual(key);
      writer.endObject();
    }
    writer.end();
  } else {
    writer.startObject(path);
    writer.startArray('$in');
    for (const [at, key] of keys.entries()) {
      writer.raw(String(at), key.type === BsonType.undefined ? nullValue : key);
    }
    writer.end();
    writer.endObject();
  }
  writer.end();
  return writer.finish();
}
