import { BsonType, ElementReader } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { textOf, typeName, type Value } from '../../expressions/index.ts';
import type { OutTarget } from '../pipeline-output.ts';
import type { StageDefinition } from '../pipeline-stage.ts';

/** `$out`: the documents become a collection, in place of what it was. */
export const out: StageDefinition = {
  name: '$out',
  parse(argument) {
    return {
      name: '$out',
      argument,
      output: targetOf(argument),
      build: (source) => source!,
    };
  },
};

function targetOf(argument: Value): OutTarget {
  if (argument.type === BsonType.string) {
    const collection = textOf(argument);
    return { stage: '$out', database: undefined, collection, timeSeries: undefined };
  }
  if (argument.type !== BsonType.object) {
    throw new MongoServerError(
      16990,
      `$out only supports a string or object argument, but found ${typeName(argument)}`,
    );
  }
  const given: { db?: Value; coll?: Value; timeseries?: Value } = {};
  const reader = new ElementReader(argument.buffer, argument.start);
  while (reader.next()) {
    const name = reader.name();
    if (name !== 'db' && name !== 'coll' && name !== 'timeseries') {
      throw new MongoServerError(40415, `BSON field '$out.${name}' is an unknown field.`);
    }
    if (given[name] !== undefined) {
      throw new MongoServerError(40413, `BSON field '$out.${name}' is a duplicate field`);
    }
    const value = reader.value();
    if (value.type === BsonType.null || value.type === BsonType.undefined) continue;
    const type = name === 'timeseries' ? BsonType.object : BsonType.string;
    if (value.type !== type) {
      throw new MongoServerError(
        'TypeMismatch',
        `BSON field '$out.${name}' is the wrong type '${typeName(value)}', expected type '${name === 'timeseries' ? 'object' : 'string'}'`,
      );
    }
    given[name] = value;
  }
  for (const name of ['db', 'coll'] as const) {
    if (given[name] !== undefined) continue;
    throw new MongoServerError(40414, `BSON field '$out.${name}' is missing but a required field`);
  }
  return {
    stage: '$out',
    database: textOf(given.db!),
    collection: textOf(given.coll!),
    timeSeries: given.timeseries,
  };
}
