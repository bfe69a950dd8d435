/** What `create` says of a collection whose natural order is that of `_id`. */
import { BsonType, ElementReader, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { numberOf } from '../dispatch/field-values.ts';
import { NestedFields } from '../dispatch/nested-fields.ts';

export interface ClusteredIndex {
  readonly v: 2;
  readonly key: { readonly _id: 1 };
  readonly name: string;
  readonly unique: true;
}

const fields: ReadonlySet<string> = new Set(['v', 'key', 'name', 'unique']);

/** Undefined: none is asked for. */
export function readClusteredIndex(body: CommandBody): ClusteredIndex | undefined {
  const value = body.value('clusteredIndex');
  if (value === undefined) return undefined;
  // Whatever it says, it is not said of a capped collection.
  if (body.optionalBool('capped') === true) {
    throw new MongoServerError(
      6049200,
      "The 'clusteredIndex' option is not supported with the 'capped' option",
    );
  }
  if (value.type !== BsonType.object) {
    if (value.type !== BsonType.bool && numberOf(value) === undefined) {
      throw body.wrongType('clusteredIndex', value.type, "'[bool, object']");
    }
    if (body.optionalBool('clusteredIndex') !== true) return undefined;
    throw new MongoServerError(
      5979703,
      `'clusteredIndex' legacy format {clusteredIndex: true} is only supported for specific internal collections and namespace '${body.namespace()}' is not one of them`,
    );
  }
  const index = readSpecification(body, value);
  refuse(body, 'viewOn', 6026500, "The 'clusteredIndex' option is not supported with views");
  refuse(
    body,
    'max',
    6049204,
    "The 'max' option is not supported with the 'clusteredIndex' option",
  );
  refuse(
    body,
    'idIndex',
    'InvalidOptions',
    "The 'clusteredIndex' option is not supported with the 'idIndex' option",
  );
  return index;
}

function readSpecification(body: CommandBody, value: RawValue): ClusteredIndex {
  const nested = new NestedFields(`${body.name}.clusteredIndex`, value, fields);
  const key = nested.requireDocument('key');
  const unique = nested.optionalBool('unique') ?? nested.missing('unique');
  const name = nested.value('name') === undefined ? '_id_' : nested.requireString('name');
  const version = nested.optionalNumber('v');
  if (version !== undefined && version !== 2) {
    throw new MongoServerError(
      5979704,
      `When specifying the clusteredIndex option, 'v' must be 2, found ${version}`,
    );
  }
  if (!unique) {
    throw new MongoServerError(5979700, 'The clusteredIndex option requires unique: true');
  }
  if (!isIdKey(key)) {
    throw new MongoServerError(
      'InvalidIndexSpecificationOption',
      'The clusteredIndex option is only supported for the key {_id: 1}',
    );
  }
  return { v: 2, key: { _id: 1 }, name, unique: true };
}

function isIdKey(key: RawValue): boolean {
  const reader = new ElementReader(key.buffer, key.start);
  return (
    reader.next() && reader.name() === '_id' && numberOf(reader.value()) === 1 && !reader.next()
  );
}

function refuse(
  body: CommandBody,
  option: string,
  code: ConstructorParameters<typeof MongoServerError>[0],
  message: string,
): void {
  const value = body.value(option);
  if (value === undefined || value.type === BsonType.null) return;
  throw new MongoServerError(code, message);
}
