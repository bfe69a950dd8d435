import {
  BsonType,
  type Collation,
  canonicalType,
  DocumentWriter,
  ElementReader,
  valueText,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  compareMaybe,
  documentValue,
  elementsOf,
  noScope,
  nullValue,
  type ParseContext,
  parseExpression,
  textOf,
  typeName,
  type Value,
} from '../../expressions/index.ts';
import type { StageDefinition } from '../pipeline-stage.ts';
import { group } from './group.ts';
import { sort } from './sort.ts';

interface BucketArguments {
  readonly groupBy: Value;
  /** In ascending order: bucket n is from boundary n up to, without, boundary n + 1. */
  readonly boundaries: readonly Value[];
  readonly default: Value | undefined;
  readonly output: Value | undefined;
}

/** `$bucket`: groups by the boundaries a value lies between; a `$group` and a `$sort` in stock too. */
export const bucket: StageDefinition = {
  name: '$bucket',
  parse(argument, context, place) {
    const grouping = group.parse(groupSpec(readArguments(argument, context)), context, place);
    const writer = new DocumentWriter();
    writer.startDocument();
    writer.int32('_id', 1);
    writer.end();
    return [grouping, sort.parse(documentValue(writer.finish()), context, place)].flat();
  },
};

function readArguments(argument: Value, context: ParseContext): BucketArguments {
  if (argument.type !== BsonType.object) {
    throw new MongoServerError(
      40201,
      `Argument to $bucket stage must be an object, but found type: ${typeName(argument)}.`,
    );
  }
  let groupBy: Value | undefined;
  let boundaries: readonly Value[] = [];
  let other: Value | undefined;
  let output: Value | undefined;
  const reader = new ElementReader(argument.buffer, argument.start);
  while (reader.next()) {
    const value = reader.value();
    switch (reader.name()) {
      case 'groupBy':
        groupBy = checkGroupBy(value);
        break;
      case 'boundaries':
        boundaries = readBoundaries(value, context);
        break;
      case 'default':
        other = readDefault(value, context);
        break;
      case 'output':
        if (value.type !== BsonType.object) {
          throw new MongoServerError(
            40196,
            `The $bucket 'output' field must be an object, but found type: ${typeName(value)}.`,
          );
        }
        output = value;
        break;
      default:
        throw new MongoServerError(40197, `Unrecognized option to $bucket: ${reader.name()}.`);
    }
  }
  if (groupBy === undefined || boundaries.length === 0) {
    throw new MongoServerError(
      40198,
      "$bucket requires 'groupBy' and 'boundaries' to be specified.",
    );
  }
  if (other !== undefined) checkDefault(other, boundaries, context.variables.collation);
  return { groupBy, boundaries, default: other, output };
}

function checkGroupBy(value: Value): Value {
  if (isPathOrOperator(value)) return value;
  throw new MongoServerError(
    40202,
    `The $bucket 'groupBy' field must be defined as a $-prefixed path or an expression, but found: ${valueText(value)}.`,
  );
}

/** A string with a dollar, or an object whose first name has one. */
export function isPathOrOperator(value: Value): boolean {
  if (value.type === BsonType.string) return textOf(value).startsWith('$');
  if (value.type !== BsonType.object) return false;
  const reader = new ElementReader(value.buffer, value.start);
  return reader.next() && reader.name().startsWith('$');
}

function readBoundaries(value: Value, context: ParseContext): Value[] {
  if (value.type !== BsonType.array) {
    throw new MongoServerError(
      40200,
      `The $bucket 'boundaries' field must be an array, but found type: ${typeName(value)}.`,
    );
  }
  const boundaries = elementsOf(value).map((element) => {
    const expression = parseExpression(element, context);
    if (expression.isConstant) return expression.evaluate(noScope) ?? nullValue;
    throw new MongoServerError(
      40191,
      `The $bucket 'boundaries' field must be an array of constant values, but found value: ${valueText(element)}.`,
    );
  });
  if (boundaries.length < 2) {
    throw new MongoServerError(
      40192,
      `The $bucket 'boundaries' field must have at least 2 values, but found ${boundaries.length} value(s).`,
    );
  }
  for (let at = 1; at < boundaries.length; at++) {
    checkAscent(at, boundaries[at - 1]!, boundaries[at]!, context.variables.collation);
  }
  return boundaries;
}

function checkAscent(
  at: number,
  lower: Value,
  upper: Value,
  collation: Collation | undefined,
): void {
  if (canonicalType(lower.type) !== canonicalType(upper.type)) {
    throw new MongoServerError(
      40193,
      `All values in the the 'boundaries' option to $bucket must have the same type. Found conflicting types ${typeName(lower)} and ${typeName(upper)}.`,
    );
  }
  if (compareMaybe(lower, upper, collation) < 0) return;
  throw new MongoServerError(
    40194,
    `The 'boundaries' option to $bucket must be sorted, but elements ${at - 1} and ${at} are not in ascending order (${valueText(lower)} is not less than ${valueText(upper)}).`,
  );
}

function readDefault(value: Value, context: ParseContext): Value {
  const expression = parseExpression(value, context);
  if (expression.isConstant) return expression.evaluate(noScope) ?? nullValue;
  throw new MongoServerError(
    40195,
    `The $bucket 'default' field must be a constant value, but found: ${valueText(value)}.`,
  );
}

function checkDefault(
  value: Value,
  boundaries: readonly Value[],
  collation: Collation | undefined,
): void {
  const lowest = boundaries[0]!;
  if (canonicalType(value.type) !== canonicalType(lowest.type)) return;
  const isBelow = compareMaybe(value, lowest, collation) < 0;
  if (isBelow || compareMaybe(value, boundaries.at(-1), collation) >= 0) return;
  throw new MongoServerError(
    40199,
    "The $bucket 'default' field must be less than the lowest boundary or greater than or equal to the highest boundary.",
  );
}

/** `{_id: {$switch: ...}, ...output}`. */
function groupSpec({ groupBy, boundaries, default: other, output }: BucketArguments): Value {
  const writer = new DocumentWriter();
  writer.startDocument();
  writer.startObject('_id');
  writer.startObject('$switch');
  writer.startArray('branches');
  for (let at = 1; at < boundaries.length; at++) {
    writer.startObject(String(at - 1));
    writer.startObject('case');
    writer.startArray('$and');
    writeComparison(writer, '0', '$gte', groupBy, boundaries[at - 1]!);
    writeComparison(writer, '1', '$lt', groupBy, boundaries[at]!);
    writer.end();
    writer.endObject();
    writeLiteral(writer, 'then', boundaries[at - 1]!);
    writer.endObject();
  }
  writer.end();
  if (other !== undefined) writeLiteral(writer, 'default', other);
  writer.endObject();
  writer.endObject();
  writeOutput(writer, output);
  writer.end();
  return documentValue(writer.finish());
}

function writeComparison(
  writer: DocumentWriter,
  name: string,
  operator: string,
  groupBy: Value,
  boundary: Value,
): void {
  writer.startObject(name);
  writer.startArray(operator);
  writer.raw('0', groupBy);
  writeLiteral(writer, '1', boundary);
  writer.end();
  writer.endObject();
}

function writeLiteral(writer: DocumentWriter, name: string, value: Value): void {
  writer.startObject(name);
  writer.raw('$literal', value);
  writer.endObject();
}

/** Without a word about the output, a count. */
function writeOutput(writer: DocumentWriter, output: Value | undefined): void {
  const fields = output && new ElementReader(output.buffer, output.start);
  if (fields === undefined) {
    writer.startObject('count');
    writer.int32('$sum', 1);
    writer.endObject();
    return;
  }
  while (fields.next()) writer.element(output!.buffer, fields.elementStart, fields.end);
}
