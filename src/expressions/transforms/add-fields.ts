import { BsonType, ElementReader } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { ParseContext } from '../expression.ts';
import { splitPath } from '../field-path.ts';
import { FieldTree } from '../field-tree.ts';
import { parseExpression } from '../parse.ts';
import { typeName, type Value } from '../value.ts';
import type { Transform } from './transform.ts';

function collect(
  object: Value,
  prefix: readonly string[],
  tree: FieldTree,
  context: ParseContext,
): void {
  const reader = new ElementReader(object.buffer, object.start);
  while (reader.next()) {
    const path = [...prefix, ...splitPath(reader.name())];
    const value = reader.value();
    if (value.type === BsonType.object && !isExpression(value)) {
      collect(value, path, tree, context);
    } else tree.set(path, parseExpression(value, context));
  }
}

/** Empty objects and operators are values; other objects name fields below. */
function isExpression(value: Value): boolean {
  const reader = new ElementReader(value.buffer, value.start);
  return !reader.next() || reader.name().startsWith('$');
}

function define(name: '$addFields' | '$set'): Transform {
  return {
    name,
    parse(argument, context) {
      if (argument.type !== BsonType.object) {
        throw new MongoServerError(
          40272,
          `${name} specification stage must be an object, got ${typeName(argument)}`,
        );
      }
      const tree = new FieldTree();
      collect(argument, [], tree, context);
      return (writer, buffer, start, scope) => tree.write(writer, buffer, start, scope);
    },
  };
}

/** `$addFields`: all fields, and computed ones beside or instead of them. */
export const addFields = define('$addFields');
/** `$set`: another name of `$addFields`. */
export const set = define('$set');
