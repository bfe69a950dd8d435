import { BsonType, ElementReader } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Expression } from '../expression.ts';
import { namedArguments, unrecognizedParameter } from '../operands.ts';
import { parseExpression } from '../parse.ts';
import { typeName } from '../value.ts';
import type { Transform, WriteChanged } from './transform.ts';

function replacing(field: string, root: Expression): WriteChanged {
  return (writer, _buffer, _start, scope) => {
    const value = root.evaluate(scope);
    if (value?.type !== BsonType.object) {
      throw new MongoServerError(
        40228,
        `'${field}' expression  must evaluate to an object, but resulting value was of type: '${typeName(value)}'`,
      );
    }
    const reader = new ElementReader(value.buffer, value.start);
    while (reader.next()) writer.element(value.buffer, reader.elementStart, reader.end);
  };
}

/** `$replaceRoot`: the document that `newRoot` evaluates to. */
export const replaceRoot: Transform = {
  name: '$replaceRoot',
  parse(argument, context) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(
        40229,
        `expected an object as specification for $replaceRoot stage, got ${typeName(argument)}`,
      );
    }
    const { newRoot } = namedArguments(
      argument,
      ['newRoot'],
      40230,
      unrecognizedParameter('$replaceRoot'),
    );
    if (newRoot === undefined) {
      throw new MongoServerError(40231, 'no newRoot specified for the $replaceRoot stage');
    }
    return replacing('newRoot', parseExpression(newRoot, context));
  },
};

/** `$replaceWith`: `$replaceRoot` without the name. */
export const replaceWith: Transform = {
  name: '$replaceWith',
  parse: (argument, context) =>
    replacing('replacement document', parseExpression(argument, context)),
};
