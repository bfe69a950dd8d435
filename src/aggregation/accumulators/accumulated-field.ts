import { BsonType, ElementReader } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { ParseContext, ParsedAccumulator, Value } from '../../expressions/index.ts';
import { parseAccumulator } from './parse-accumulator.ts';

/** A field of the documents that a grouping stage makes. */
export interface AccumulatedField extends ParsedAccumulator {
  readonly name: string;
}

/** Throws 40234 to 40238, 15952 and what the accumulator refuses. */
export function parseAccumulatedField(
  name: string,
  value: Value,
  context: ParseContext,
): AccumulatedField {
  if (name.includes('.')) {
    throw new MongoServerError(40235, `The field name '${name}' cannot contain '.'`);
  }
  if (name.startsWith('$')) {
    throw new MongoServerError(40236, `The field name '${name}' cannot be an operator name`);
  }
  const reader =
    value.type === BsonType.object ? new ElementReader(value.buffer, value.start) : undefined;
  if (reader === undefined || !reader.next() || !reader.name().startsWith('$')) {
    throw new MongoServerError(40234, `The field '${name}' must be an accumulator object`);
  }
  const operator = reader.name();
  const argument = reader.value();
  if (reader.next()) {
    throw new MongoServerError(40238, `The field '${name}' must specify one accumulator`);
  }
  return { name, ...parseAccumulator(operator, argument, context) };
}
