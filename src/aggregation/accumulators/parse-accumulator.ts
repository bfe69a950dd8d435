import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  type ParseContext,
  type ParsedAccumulator,
  parseExpression,
  type Value,
} from '../../expressions/index.ts';
import { accumulators } from './index.ts';

/** The accumulator of a name with its argument read; what is none throws 15952. */
export function parseAccumulator(
  name: string,
  argument: Value,
  context: ParseContext,
): ParsedAccumulator {
  const accumulator = accumulators.get(name);
  const isUnary = accumulator === undefined || accumulator.kind !== 'special';
  if (isUnary && argument.type === BsonType.array) {
    throw new MongoServerError(40237, `The ${name} accumulator is a unary operator`);
  }
  if (accumulator === undefined) {
    throw new MongoServerError(15952, `unknown group operator '${name}'`);
  }
  if (accumulator.kind === 'special') return accumulator.parse(argument, context, parseExpression);
  accumulator.checkArgument?.(argument);
  const { collation } = context.variables;
  return {
    argument: parseExpression(argument, context),
    start: () => accumulator.start(collation),
  };
}
