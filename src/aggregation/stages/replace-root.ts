import { BsonType, type DocumentWriter, ElementReader } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  type Expression,
  namedArguments,
  parseExpression,
  type Scope,
  typeName,
  type Value,
} from '../../expressions/index.ts';

import type { PipelineStage, StageDefinition } from '../pipeline-stage.ts';

import { Transform } from './transform.ts';

function replaceStage(name: string, argument: Value, root: Expression): PipelineStage {
  const field = name === '$replaceRoot' ? 'newRoot' : 'replacement document';
  const change = (writer: DocumentWriter, _buffer: Buffer, _start: number, scope: Scope): void => {
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
  return {
    name,
    argument,
    build: (source, context) => new Transform(name, source!, change, context.now),
  };
}

/** `$replaceRoot`: the document that `newRoot` evaluates to. */
export const replaceRoot: StageDefinition = {
  name: '$replaceRoot',
  parse(argument) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(
        40229,
        `expected an object as specification for $replaceRoot stage, got ${typeName(argument)}`,
      );
    }
    const { newRoot } = namedArguments(argument, ['newRoot'], 40230, '$replaceRoot');
    if (newRoot === undefined) {
      throw new MongoServerError(40231, 'no newRoot specified for the $replaceRoot stage');
    }
    return replaceStage('$replaceRoot', argument, parseExpression(newRoot));
  },
};

/** `$replaceWith`: `$replaceRoot` without the name. */
export const replaceWith: StageDefinition = {
  name: '$replaceWith',
  parse: (argument) => replaceStage('$replaceWith', argument, parseExpression(argument)),
};
