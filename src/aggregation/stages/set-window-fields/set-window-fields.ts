import { BsonType, ElementReader } from '../../../bson/index.ts';
import { MongoServerError } from '../../../errors/index.ts';
import {
  type Expression,
  noScope,
  type ParseContext,
  parseExpression,
  splitPath,
  textValue,
  typeName,
  type Value,
} from '../../../expressions/index.ts';
import { Sort, type SortKeys, type Stage } from '../../../plan/index.ts';
import { parseSort } from '../../../query/index.ts';
import type { StageDefinition } from '../../pipeline-stage.ts';
import { ExpressionOrder } from '../expression-order.ts';
import { Specification } from '../specification.ts';
import { failedToParse } from './window-bounds.ts';
import type { WindowContext, WindowOrder, WindowSpecification } from './window-function.ts';
import { parseWindowFunction } from './window-functions.ts';
import { partitionKey, type WindowField, WindowStage } from './window-stage.ts';

const known: ReadonlySet<string> = new Set(['partitionBy', 'sortBy', 'output']);

/** `$setWindowFields`: fields made of a window of documents around each. */
export const setWindowFields: StageDefinition = {
  name: '$setWindowFields',
  parse(argument, context) {
    if (argument.type !== BsonType.object) {
      throw failedToParse(
        `the $setWindowFields stage specification must be an object, found ${typeName(argument)}`,
      );
    }
    const given = new Specification('$setWindowFields', argument, known);
    const partition = readPartition(given.value('partitionBy'), context);
    const sortBy = given.optionalDocument('sortBy');
    const order = sortBy && orderOf(sortBy, context);
    const output = given.optionalDocument('output');
    if (output === undefined) {
      throw new MongoServerError(
        40414,
        "BSON field '$setWindowFields.output' is missing but a required field",
      );
    }
    const fields = readOutput(output, { parse: context, order });
    const build = (source: Stage | undefined) =>
      windowsOver(source!, partition, order, fields, context);
    return { name: '$setWindowFields', argument, build };
  },
};

/** Sorted by partition and in it by `sortBy`, below the functions. */
function windowsOver(
  source: Stage,
  partition: Expression | undefined,
  order: WindowOrder | undefined,
  fields: readonly WindowField[],
  { variables: { collation } }: ParseContext,
): Stage {
  const groups = partition && new ExpressionOrder(partitionKey(partition), collation);
  const pattern = order?.pattern.isEmpty === false ? order.pattern : undefined;
  const keys =
    groups === undefined ? pattern : pattern === undefined ? groups : both(groups, pattern);
  const sorted = keys === undefined ? source : new Sort(source, keys, 0, {});
  return new WindowStage(sorted, groups, fields);
}

function both(first: SortKeys, second: SortKeys): SortKeys {
  return {
    keyOf: (...document) => Buffer.concat([first.keyOf(...document), second.keyOf(...document)]),
  };
}

/** Undefined: all documents are one partition. */
function readPartition(value: Value | undefined, context: ParseContext): Expression | undefined {
  if (value === undefined) return undefined;
  const expression = parseExpression(value, context);
  if (!expression.isConstant) return expression;
  partitionKey(expression).evaluate(noScope);
  return undefined;
}

/** Throws what `$sort` does. */
function orderOf(sortBy: Value, context: ParseContext): WindowOrder {
  const { collation } = context.variables;
  const pattern = parseSort(sortBy.buffer, sortBy.start, collation);
  const [only, ...more] = pattern.paths;
  if (only === undefined || more.length > 0 || only.meta !== undefined) {
    return { pattern, single: undefined };
  }
  const value = parseExpression(textValue(`$${only.path}`), context);
  return { pattern, single: { value, isAscending: only.direction === 1 } };
}

function readOutput(output: Value, context: WindowContext): WindowField[] {
  const fields: WindowField[] = [];
  const reader = new ElementReader(output.buffer, output.start);
  while (reader.next()) {
    const name = reader.name();
    const value = reader.value();
    if (value.type !== BsonType.object) {
      throw failedToParse(`The field '${name}' must be an object`);
    }
    const path = splitPath(name);
    checkConflict(path, fields);
    fields.push({ path, function: parseWindowFunction(readFunction(value), context) });
  }
  return fields;
}

function checkConflict(path: readonly string[], fields: readonly WindowField[]): void {
  for (const { path: other } of fields) {
    const [short, long] = other.length < path.length ? [other, path] : [path, other];
    if (short.some((part, at) => part !== long[at])) continue;
    throw new MongoServerError(
      6307900,
      `$setWindowFields 'output' specification contains two conflicting paths: '${other.join('.')}' and '${path.join('.')}'`,
    );
  }
}

/** `{$function: argument, window: {...}}`. */
function readFunction(value: Value): WindowSpecification {
  let name: string | undefined;
  let argument: Value | undefined;
  let window: Value | undefined;
  let other: string | undefined;
  const reader = new ElementReader(value.buffer, value.start);
  while (reader.next()) {
    const field = reader.name();
    if (field.startsWith('$') && name === undefined) {
      name = field;
      argument = reader.value();
    } else if (field === 'window') window = reader.value();
    else other ??= field;
  }
  if (name === undefined || argument === undefined) {
    throw failedToParse('Expected a $-prefixed window function');
  }
  return { name, argument, window, other };
}
