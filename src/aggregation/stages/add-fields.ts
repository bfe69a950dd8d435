import { BsonType, ElementReader } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  FieldTree,
  parseExpression,
  splitPath,
  typeName,
  type Value,
} from '../../expressions/index.ts';

import type { StageDefinition } from '../pipeline-stage.ts';

import { Transform } from './transform.ts';

function collect(object: Value, prefix: readonly string[], tree: FieldTree, stage: string): void {
  const reader = new ElementReader(object.buffer, object.start);
  while (reader.next()) {
    const path = [...prefix, ...splitPath(reader.name())];
    const value = reader.value();
    if (value.type === BsonType.object && !isExpression(value)) {
      collect(value, path, tree, stage);
    } else tree.set(path, parseExpression(value));
  }
}

/** Empty objects and operators are values; other objects name fields below. */
function isExpression(value: Value): boolean {
  const reader = new ElementReader(value.buffer, value.start);
  return !reader.next() || reader.name().startsWith('$');
}

function define(name: '$addFields' | '$set'): StageDefinition {
  return {
    name,
    parse(argument) {
      if (argument.type !== BsonType.object) {
        throw new MongoServerError(
          40272,
          `${name} specification stage must be an object, got ${typeName(argument)}`,
        );
      }
      const tree = new FieldTree(true);
      collect(argument, [], tree, name);
      return {
        name,
        argument,
        build: (source, context) =>
          new Transform(
            name,
            source!,
            (writer, buffer, start, scope) => tree.write(writer, buffer, start, scope),
            context.now,
          ),
      };
    },
  };
}

/** `$addFields`: all fields, and computed ones beside or instead of them. */
export const addFields = define('$addFields');
/** `$set`: another name of `$addFields`. */
export const set = define('$set');
