import { BsonType, ElementReader } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { Expression, ParseContext, ParseExpression } from './expression.ts';
import type { Value } from './value.ts';

/** The expressions of an argument list; a single argument may stand without brackets. */
export function parseOperands(
  value: Value,
  context: ParseContext,
  parse: ParseExpression,
): Expression[] {
  if (value.type !== BsonType.array) return [parse(value, context)];
  const operands: Expression[] = [];
  const reader = new ElementReader(value.buffer, value.start);
  while (reader.next()) operands.push(parse(reader.value(), context));
  return operands;
}

/** How an operator words that it does not know an argument. */
export type UnknownArgument = (field: string) => string;

export function foundUnknown(operator: string): UnknownArgument {
  return (field) => `${operator} found an unknown argument: ${field}`;
}

export function unrecognizedArgument(operator: string, expected = ''): UnknownArgument {
  return (field) => `Unrecognized argument to ${operator}: ${field}${expected}`;
}

export function unrecognizedParameter(operator: string): UnknownArgument {
  return (field) => `Unrecognized parameter to ${operator}: ${field}`;
}

/** The fields of an operator with named arguments; another name throws `unknownCode`. */
export function namedArguments<Name extends string>(
  argument: Value,
  names: readonly Name[],
  unknownCode: number,
  unknown: UnknownArgument,
): { readonly [name in Name]?: Value } {
  const given: { [name in Name]?: Value } = {};
  const reader = new ElementReader(argument.buffer, argument.start);
  while (reader.next()) {
    const name = names.find((known) => known === reader.name());
    if (name === undefined) throw new MongoServerError(unknownCode, unknown(reader.name()));
    given[name] = reader.value();
  }
  return given;
}
