import { BsonType, DocumentWriter, ElementReader } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import {
  constant,
  type Expression,
  type Operator,
  type ParseContext,
  type PlainOperator,
} from './expression.ts';
import { fieldOf, variablePath } from './field-path.ts';
import { fold } from './fold.ts';
import { parseOperands } from './operands.ts';
import { operators } from './operators/index.ts';
import { arrayValue, checkTextLength, documentValue, textOf, type Value } from './value.ts';

/** BSON may nest 200 deep, variables of our own a little deeper. */
const maxDepth = 250;

/**
 * Reads an expression: a string with a dollar is a path, an object with an operator's name applies it,
 * other objects and arrays are built from the expressions inside, everything else is itself.
 */
export function parseExpression(value: Value, context: ParseContext): Expression {
  if (context.depth > maxDepth) {
    throw new MongoServerError('Overflow', 'Expression is nested too deeply');
  }
  switch (value.type) {
    case BsonType.string:
      return parseString(value, context);
    case BsonType.object:
      return parseObject(value, context);
    case BsonType.array: {
      const items = parseItems(value, context);
      return fold(context, items, (scope) => arrayValue(items.map((item) => item.evaluate(scope))));
    }
    default:
      return constant(value);
  }
}

function parseItems(value: Value, context: ParseContext): Expression[] {
  const items: Expression[] = [];
  const reader = new ElementReader(value.buffer, value.start);
  const { context: inner } = context.with([]);
  while (reader.next()) items.push(parseExpression(reader.value(), inner));
  return items;
}

function parseString(value: Value, context: ParseContext): Expression {
  checkTextLength(value.end - value.start - 5);
  if (value.buffer[value.start + 4] !== 0x24) return constant(value);
  const text = textOf(value);
  return text.startsWith('$$')
    ? variablePath(text.slice(2), context)
    : fieldOf(text.slice(1), context);
}

function parseObject(value: Value, context: ParseContext): Expression {
  const reader = new ElementReader(value.buffer, value.start);
  const { context: inner } = context.with([]);
  const names: string[] = [];
  const fields: Expression[] = [];
  while (reader.next()) {
    const name = reader.name();
    if (name.startsWith('$')) {
      const first = names.length === 0;
      const argument = reader.value();
      if (!first || reader.next()) {
        throw new MongoServerError(
          15983,
          `an expression specification must contain exactly one field, the name of the expression. Found ${countFields(value)} fields in ${JSON.stringify(name)}`,
        );
      }
      return parseOperator(name, argument, inner);
    }
    if (name.includes('.')) {
      throw new MongoServerError(
        16412,
        `FieldPath field names may not contain '.'. Consider using $getField or $setField.`,
      );
    }
    names.push(name);
    fields.push(parseExpression(reader.value(), inner));
  }
  return fold(context, fields, (scope) => {
    const writer = new DocumentWriter();
    writer.startDocument();
    for (let at = 0; at < names.length; at++) {
      const field = fields[at]!.evaluate(scope);
      if (field !== undefined) writer.raw(names[at]!, field);
    }
    writer.end();
    return documentValue(writer.finish());
  });
}

/** Whether this is an operator of expressions. */
export function isExpressionName(name: string): boolean {
  return operators.has(name);
}

function countFields(value: Value): number {
  const reader = new ElementReader(value.buffer, value.start);
  let count = 0;
  while (reader.next()) count++;
  return count;
}

function parseOperator(name: string, argument: Value, context: ParseContext): Expression {
  const operator: Operator | undefined = operators.get(name);
  if (operator === undefined) {
    throw new MongoServerError(168, `Unrecognized expression '${name}'`);
  }
  if (operator.kind === 'special') return operator.parse(argument, context, parseExpression);
  const operands = parseOperands(argument, context, parseExpression);
  checkArity(operator, operands.length);
  return applyPlain(operator, operands, context);
}

function checkArity(operator: PlainOperator, count: number): void {
  const { least, most } = operator.arity;
  if (count >= least && count <= most) return;
  if (least === most) {
    throw new MongoServerError(
      16020,
      `Expression ${operator.name} takes exactly ${least} arguments. ${count} were passed in.`,
    );
  }
  throw new MongoServerError(
    28667,
    `Expression ${operator.name} takes at least ${least} arguments, and at most ${most}, but ${count} were passed in.`,
  );
}

function applyPlain(
  operator: PlainOperator,
  operands: readonly Expression[],
  context: ParseContext,
): Expression {
  const { collation } = context.variables;
  const [a, b] = operands;
  if (operands.length === 2) {
    return fold(context, operands, (scope) =>
      operator.evaluate([a!.evaluate(scope), b!.evaluate(scope)], collation),
    );
  }
  if (operands.length === 1)
    return fold(context, operands, (scope) => operator.evaluate([a!.evaluate(scope)], collation));
  return fold(context, operands, (scope) =>
    operator.evaluate(
      operands.map((one) => one.evaluate(scope)),
      collation,
    ),
  );
}
