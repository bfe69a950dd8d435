import {
  BsonType,
  type Collation,
  DocumentWriter,
  ElementReader,
  toNumber,
  valueText,
} from '../../../bson/index.ts';
import { MongoServerError } from '../../../errors/index.ts';
import {
  documentValue,
  type Expression,
  isNumber,
  type ParseContext,
  parseExpression,
  textOf,
  typeName,
  type Value,
} from '../../../expressions/index.ts';
import {
  type AccumulatedField,
  parseAccumulatedField,
} from '../../accumulators/accumulated-field.ts';
import type { StageDefinition } from '../../pipeline-stage.ts';
import { isPathOrOperator } from '../bucket.ts';
import { BucketAutoStage } from './bucket-auto-stage.ts';
import { type Granularity, granularityOf } from './granularity.ts';

export interface BucketAutoOptions {
  readonly groupBy: Expression;
  readonly buckets: number;
  readonly fields: readonly AccumulatedField[];
  readonly granularity: Granularity | undefined;
  readonly collation: Collation | undefined;
}

/** `$bucketAuto`: so many buckets of documents, about as many in each. */
export const bucketAuto: StageDefinition = {
  name: '$bucketAuto',
  parse(argument, context) {
    const options = readOptions(argument, context);
    return {
      name: '$bucketAuto',
      argument,
      build: (source) => new BucketAutoStage(source!, options),
    };
  },
};

function readOptions(argument: Value, context: ParseContext): BucketAutoOptions {
  if (argument.type !== BsonType.object) {
    throw new MongoServerError(
      40240,
      `The argument to $bucketAuto must be an object, but found type: ${typeName(argument)}.`,
    );
  }
  let groupBy: Expression | undefined;
  let buckets: number | undefined;
  let fields: readonly AccumulatedField[] = [];
  let granularity: Granularity | undefined;
  const reader = new ElementReader(argument.buffer, argument.start);
  while (reader.next()) {
    const value = reader.value();
    switch (reader.name()) {
      case 'groupBy':
        if (!isPathOrOperator(value)) {
          throw new MongoServerError(
            40239,
            `The $bucketAuto 'groupBy' field must be defined as a $-prefixed path or an expression object, but found: ${valueText(value)}.`,
          );
        }
        groupBy = parseExpression(value, context);
        break;
      case 'buckets':
        buckets = readCount(value);
        break;
      case 'output':
        fields = readOutput(value, context);
        break;
      case 'granularity':
        granularity = readGranularity(value);
        break;
      default:
        throw new MongoServerError(40245, `Unrecognized option to $bucketAuto: ${reader.name()}.`);
    }
  }
  if (groupBy === undefined || buckets === undefined) {
    throw new MongoServerError(
      40246,
      "$bucketAuto requires 'groupBy' and 'buckets' to be specified.",
    );
  }
  if (fields.length === 0) fields = [countField(context)];
  const { collation } = context.variables;
  return { groupBy, buckets, fields, granularity, collation };
}

function readCount(value: Value): number {
  if (!isNumber(value)) {
    throw new MongoServerError(
      40241,
      `The $bucketAuto 'buckets' field must be a numeric value, but found type: ${typeName(value)}.`,
    );
  }
  const count = toNumber(value.buffer, value.type, value.start);
  if (!Number.isInteger(count) || Math.abs(count) >= 2 ** 31) {
    throw new MongoServerError(
      40242,
      `The $bucketAuto 'buckets' field must be representable as a 32-bit integer, but found ${valueText(value)}.`,
    );
  }
  if (count > 0) return count;
  throw new MongoServerError(
    40243,
    `The $bucketAuto 'buckets' field must be greater than 0, but found: ${count}.`,
  );
}

function readOutput(value: Value, context: ParseContext): AccumulatedField[] {
  if (value.type !== BsonType.object) {
    throw new MongoServerError(
      40244,
      `The $bucketAuto 'output' field must be an object, but found type: ${typeName(value)}.`,
    );
  }
  const fields: AccumulatedField[] = [];
  const reader = new ElementReader(value.buffer, value.start);
  while (reader.next()) {
    fields.push(parseAccumulatedField(reader.name(), reader.value(), context));
  }
  return fields;
}

function readGranularity(value: Value): Granularity {
  if (value.type !== BsonType.string) {
    throw new MongoServerError(
      40261,
      `The $bucketAuto 'granularity' field must be a string, but found type: ${typeName(value)}.`,
    );
  }
  const granularity = granularityOf(textOf(value));
  if (granularity !== undefined) return granularity;
  throw new MongoServerError(40257, `Unknown rounding granularity '${textOf(value)}'`);
}

function countField(context: ParseContext): AccumulatedField {
  const writer = new DocumentWriter();
  writer.startDocument();
  writer.int32('$sum', 1);
  writer.end();
  return parseAccumulatedField('count', documentValue(writer.finish()), context);
}
