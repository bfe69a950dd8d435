import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { elementsOf, parseExpression, Scope, typeName } from '../../expressions/index.ts';

import type { StageDefinition } from '../pipeline-stage.ts';

import { DocumentList } from './source.ts';

/** `$documents`: the documents of an array, instead of a collection's. */
export const documents: StageDefinition = {
  name: '$documents',
  parse(argument, context) {
    const list = parseExpression(argument, context);
    return {
      name: '$documents',
      argument,
      isSource: true,
      build: () =>
        new DocumentList('$documents', () => {
          const value = list.evaluate(new Scope(Buffer.from([5, 0, 0, 0, 0]), 0));
          if (value?.type !== BsonType.array) {
            throw new MongoServerError(
              5858203,
              `$documents requires an array, got ${typeName(value)}`,
            );
          }
          return elementsOf(value).map((element) => {
            if (element.type !== BsonType.object) {
              throw new MongoServerError(
                40228,
                `'newRoot' expression  must evaluate to an object, but resulting value was of type: '${typeName(element)}'`,
              );
            }
            return element.buffer.subarray(element.start, element.end);
          });
        }),
    };
  },
};
