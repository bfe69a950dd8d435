import { BsonType, DocumentWriter, ElementReader } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  documentValue,
  elementsOf,
  type ParseContext,
  parseExpression,
  textOf,
  transforms,
  typeName,
  type Value,
} from '../../expressions/index.ts';
import { parseSort } from '../../query/index.ts';
import type { PipelineStage, StageDefinition } from '../pipeline-stage.ts';
import { setWindowFields } from './set-window-fields/set-window-fields.ts';
import { Specification } from './specification.ts';
import { transformStage } from './transform.ts';

const known: ReadonlySet<string> = new Set([
  'partitionBy',
  'partitionByFields',
  'sortBy',
  'output',
]);
const outputFields: ReadonlySet<string> = new Set(['method', 'value']);
/** The window functions of the methods. */
const methods: ReadonlyMap<string, string> = new Map([
  ['locf', '$locf'],
  ['linear', '$linearFill'],
]);

/** `$fill`: what is null or missing gets a value; a `$setWindowFields` and an `$addFields` in stock too. */
export const fill: StageDefinition = {
  name: '$fill',
  parse(argument, context, place) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(
        'FailedToParse',
        `The $fill stage specification must be an object, found ${typeName(argument)}`,
      );
    }
    const given = new Specification('$fill', argument, known);
    const output = given.optionalDocument('output');
    if (output === undefined) {
      throw new MongoServerError(
        40414,
        "BSON field '$fill.output' is missing but a required field",
      );
    }
    const { byMethod, byValue } = readOutput(output);
    const sortBy = given.optionalDocument('sortBy');
    if (sortBy !== undefined) parseSort(sortBy.buffer, sortBy.start, context.variables.collation);
    const partitionBy = readPartition(given, context);
    const stages: PipelineStage[] = [];
    if (byMethod.size > 0) {
      const windows = windowsSpec(byMethod, sortBy, partitionBy);
      stages.push(...[setWindowFields.parse(windows, context, place)].flat());
    }
    if (byValue.size > 0) {
      stages.push(...[addFields.parse(addFieldsSpec(byValue), context, place)].flat());
    }
    return stages;
  },
};

const addFields = transformStage(transforms.find(({ name }) => name === '$addFields')!);

interface Output {
  /** Window functions by field. */
  readonly byMethod: ReadonlyMap<string, string>;
  /** Expressions by field. */
  readonly byValue: ReadonlyMap<string, Value>;
}

function readOutput(output: Value): Output {
  const byMethod = new Map<string, string>();
  const byValue = new Map<string, Value>();
  const reader = new ElementReader(output.buffer, output.start);
  while (reader.next()) {
    const field = reader.name();
    if (reader.type !== BsonType.object) {
      throw new MongoServerError(
        6050200,
        'Each fill output specification must be an object with exactly one field',
      );
    }
    const given = new Specification('$fill', reader.value(), outputFields);
    const method = given.optionalText('method');
    const value = given.value('value');
    if (method !== undefined) {
      if (value !== undefined) {
        throw new MongoServerError(
          6050201,
          "Each fill output specification must have exactly one of 'method' or 'value' fields, not both",
        );
      }
      const operator = methods.get(method);
      if (operator === undefined) {
        throw new MongoServerError(6050202, 'Method must be either locf or linear');
      }
      byMethod.set(field, operator);
    } else if (value !== undefined) byValue.set(field, value);
  }
  if (output.end - output.start === 5) {
    throw new MongoServerError(
      6050203,
      "The output field in '$fill' must contain an object with at least one element",
    );
  }
  return { byMethod, byValue };
}

/** The `partitionBy` of the windows: as it is, or of the fields that are named. */
function readPartition(given: Specification, context: ParseContext): Value | undefined {
  const expression = given.value('partitionBy');
  const fields = given.value('partitionByFields');
  const isGiven = (value: Value | undefined): value is Value =>
    value !== undefined && value.type !== BsonType.null && value.type !== BsonType.undefined;
  if (isGiven(expression)) {
    if (expression.type !== BsonType.string && expression.type !== BsonType.object) {
      throw new MongoServerError(
        'TypeMismatch',
        `BSON field '$fill.partitionBy' is the wrong type '${typeName(expression)}', expected types '[string, object]'`,
      );
    }
    if (isGiven(fields)) {
      throw new MongoServerError(
        6050204,
        "Maximum one of 'partitionBy' and 'partitionByFields can be specified in '$fill'",
      );
    }
    parseExpression(expression, context);
    return expression;
  }
  return isGiven(fields) ? partitionOf(readFieldNames('$fill', fields)) : undefined;
}

/** `partitionByFields`: an array of strings. */
export function readFieldNames(stage: string, value: Value): string[] {
  if (value.type !== BsonType.array) {
    throw new MongoServerError(
      'TypeMismatch',
      `BSON field '${stage}.partitionByFields' is the wrong type '${typeName(value)}', expected type 'array'`,
    );
  }
  return elementsOf(value).map((element, at) => {
    if (element.type === BsonType.string) return textOf(element);
    throw new MongoServerError(
      'TypeMismatch',
      `BSON field '${stage}.partitionByFields.${at}' is the wrong type '${typeName(element)}', expected type 'string'`,
    );
  });
}

/** An array of the fields' values would be no partition, so it is a document of them. */
export function partitionOf(fields: readonly string[]): Value {
  const writer = new DocumentWriter();
  writer.startDocument();
  fields.forEach((field, at) => {
    writer.string(String(at), `$${field}`);
  });
  writer.end();
  return documentValue(writer.finish());
}

function windowsSpec(
  byMethod: Output['byMethod'],
  sortBy: Value | undefined,
  partitionBy: Value | undefined,
): Value {
  const writer = new DocumentWriter();
  writer.startDocument();
  if (sortBy !== undefined) writer.raw('sortBy', sortBy);
  if (partitionBy !== undefined) writer.raw('partitionBy', partitionBy);
  writer.startObject('output');
  for (const [field, operator] of byMethod) {
    writer.startObject(field);
    writer.string(operator, `$${field}`);
    writer.endObject();
  }
  writer.endObject();
  writer.end();
  return documentValue(writer.finish());
}

/** `{field: {$ifNull: ['$field', value]}, ...}`. */
function addFieldsSpec(byValue: Output['byValue']): Value {
  const writer = new DocumentWriter();
  writer.startDocument();
  for (const [field, value] of byValue) {
    writer.startObject(field);
    writer.startArray('$ifNull');
    writer.string('0', `$${field}`);
    writer.raw('1', value);
    writer.end();
    writer.endObject();
  }
  writer.end();
  return documentValue(writer.finish());
}
