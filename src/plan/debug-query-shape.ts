/**
 * A query shape for people: the command with its values replaced by their types, as `$querySettings`
 * shows it under `debugQueryShape`. `queryShapeHash` is what tells shapes apart.
 */
import { BsonType, decodeDocument, ElementReader, type RawValue } from '../bson/index.ts';
import { anyMoment, type Variables } from '../expressions/index.ts';
import { explainFilter, parseFilter } from '../query/index.ts';
import type { ShapedCommand } from './query-shape.ts';

/** `{cmdNs: {db, coll}, command, filter | query | pipeline, sort, projection, key}`. */
export function debugQueryShape(shaped: ShapedCommand): Record<string, unknown> {
  const { command, namespace, filter, sort, projection, pipeline, key, variables } = shaped;
  const dot = namespace.indexOf('.');
  const tests = filter && (withoutValues(explainFilter(filter.root)) as object);
  return {
    cmdNs: { db: namespace.slice(0, dot), coll: namespace.slice(dot + 1) },
    command,
    ...(tests === undefined ? {} : { [command === 'find' ? 'filter' : 'query']: tests }),
    ...(sort === undefined ? {} : { sort: decodeDocument(sort.buffer, sort.start) }),
    ...(projection === undefined
      ? {}
      : { projection: decodeDocument(projection.buffer, projection.start) }),
    ...(pipeline === undefined ? {} : { pipeline: stagesOf(pipeline, variables) }),
    ...(key === undefined ? {} : { key }),
  };
}

function stagesOf(pipeline: RawValue, variables: Variables = anyMoment): unknown[] {
  const stages: unknown[] = [];
  const reader = new ElementReader(pipeline.buffer, pipeline.start);
  while (reader.next()) {
    const stage = new ElementReader(pipeline.buffer, reader.value().start);
    if (!stage.next()) continue;
    const name = stage.name();
    const argument = stage.value();
    stages.push({
      [name]:
        name === '$match'
          ? withoutValues(
              explainFilter(
                parseFilter(argument.buffer, argument.start, { variables, place: 'match' }).root,
              ),
            )
          : typeText(argument),
    });
  }
  return stages;
}

/** Operators whose argument is part of the shape. */
const keptArguments: ReadonlySet<string> = new Set(['$type', '$alwaysTrue', '$alwaysFalse']);

/** A filter in explain's form, its values replaced. */
function withoutValues(value: unknown): unknown {
  if (Array.isArray(value)) {
    const inner = value.map(withoutValues);
    return inner.every((one) => typeof one === 'string') ? listText(inner) : inner;
  }
  if (typeof value === 'object' && value !== null) {
    if ('buffer' in value) return typeText(value as RawValue);
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        keptArguments.has(name) ? inner : withoutValues(inner),
      ]),
    );
  }
  return `?${typeof value === 'boolean' ? 'bool' : typeof value}`;
}

function listText(types: readonly string[]): string {
  const different = new Set(types);
  if (different.size === 0) return '[]';
  return different.size === 1 ? `?array<${[...different].join()}>` : '?array<>';
}

const typeNames: Readonly<Record<number, string>> = {
  [BsonType.double]: 'number',
  [BsonType.int]: 'number',
  [BsonType.long]: 'number',
  [BsonType.decimal]: 'number',
  [BsonType.string]: 'string',
  [BsonType.binData]: 'binData',
  [BsonType.undefined]: 'undefined',
  [BsonType.objectId]: 'objectId',
  [BsonType.bool]: 'bool',
  [BsonType.date]: 'date',
  [BsonType.null]: 'null',
  [BsonType.regex]: 'regex',
  [BsonType.dbPointer]: 'dbPointer',
  [BsonType.javascript]: 'javascript',
  [BsonType.symbol]: 'symbol',
  [BsonType.javascriptWithScope]: 'javascriptWithScope',
  [BsonType.timestamp]: 'timestamp',
  [BsonType.minKey]: 'minKey',
  [BsonType.maxKey]: 'maxKey',
};

/** Names of fields, and strings that name one (`"$a"`), stay. */
function typeText({ buffer, type, start, end }: RawValue): unknown {
  if (type === BsonType.array) {
    const inner: unknown[] = [];
    const reader = new ElementReader(buffer, start);
    while (reader.next()) inner.push(typeText(reader.value()));
    return inner.every((one): one is string => typeof one === 'string') ? listText(inner) : inner;
  }
  if (type === BsonType.object) {
    const fields: Record<string, unknown> = {};
    const reader = new ElementReader(buffer, start);
    while (reader.next()) fields[reader.name()] = typeText(reader.value());
    return fields;
  }
  if (type === BsonType.string && buffer[start + 4] === 0x24) {
    return buffer.toString('utf8', start + 4, end - 1);
  }
  return `?${typeNames[type] ?? type}`;
}
