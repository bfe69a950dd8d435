import { BsonType, readDecimal, toNumber, truncateToInteger } from '../../../bson/index.ts';
import { MongoServerError } from '../../../errors/index.ts';
import {
  compareMaybe,
  elementsOf,
  intValue,
  isNumber,
  parseExpression,
  splitPath,
  type TimeUnit,
  textOf,
  textValue,
  timeUnitNamed,
  typeName,
  type Value,
} from '../../../expressions/index.ts';
import type { StageDefinition } from '../../pipeline-stage.ts';
import { partitionOf, readFieldNames } from '../fill.ts';
import { Specification } from '../specification.ts';
import { type DensifyBounds, type DensifyOptions, DensifyStage } from './densify-stage.ts';

const known: ReadonlySet<string> = new Set(['field', 'partitionByFields', 'range']);
const rangeKnown: ReadonlySet<string> = new Set(['step', 'bounds', 'unit']);

/** `$densify`: documents for the values of a field that no document has. */
export const densify: StageDefinition = {
  name: '$densify',
  parse(argument, context) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(
        'FailedToParse',
        `The $densify stage specification must be an object, found ${typeName(argument)}`,
      );
    }
    const given = new Specification('$densify', argument, known);
    const field = given.text('field');
    if (field.startsWith('$')) {
      throw new MongoServerError('FailedToParse', "Cannot densify field starting with '$'");
    }
    const fieldsValue = given.value('partitionByFields');
    const isGiven = fieldsValue !== undefined && fieldsValue.type !== BsonType.null;
    const fields = isGiven ? readFieldNames('$densify', fieldsValue) : [];
    const range = given.optionalDocument('range');
    if (range === undefined) {
      throw new MongoServerError(
        40414,
        "BSON field '$densify.range' is missing but a required field",
      );
    }
    const options: DensifyOptions = {
      path: splitPath(field),
      value: parseExpression(textValue(`$${field}`), context),
      partitionPaths: checkFields(fields, field).map(splitPath),
      partition: parseExpression(partitionOf(fields), context),
      collation: context.variables.collation,
      ...readRange(range, fields.length > 0),
    };
    return {
      name: '$densify',
      argument,
      build: (source) => new DensifyStage(source!, options),
    };
  },
};

function checkFields(fields: readonly string[], field: string): readonly string[] {
  for (const one of fields) {
    if (one.startsWith('$')) {
      throw new MongoServerError('FailedToParse', "Cannot partition by field starting with '$'");
    }
    const isAbove = field === one || field.startsWith(`${one}.`) || one.startsWith(`${field}.`);
    if (!isAbove) continue;
    throw new MongoServerError(
      8993000,
      "BSON field '$densify.partitionByFields' contains the field that is being densified",
    );
  }
  return fields;
}

type Range = Pick<DensifyOptions, 'step' | 'unit' | 'bounds'>;

function readRange(value: Value, isPartitioned: boolean): Range {
  const given = new Specification('$densify.range', value, rangeKnown);
  const step = given.value('step');
  if (step === undefined) throw missing('step');
  if (!isNumber(step) || compareMaybe(step, intValue(0)) <= 0 || isNaNOf(step)) {
    throw new MongoServerError(
      5733401,
      'The step parameter in a range statement must be a strictly positive numeric value',
    );
  }
  const unit = readUnit(given.optionalText('unit'), step);
  const spec = given.value('bounds');
  if (spec === undefined) throw missing('bounds');
  const bounds =
    spec.type === BsonType.array ? readArray(spec, step, unit) : readWord(spec, isPartitioned);
  return { step, unit, bounds };
}

function isNaNOf({ buffer, type, start }: Value): boolean {
  if (type === BsonType.decimal) return readDecimal(buffer, start).kind === 'nan';
  return Number.isNaN(toNumber(buffer, type, start));
}

function missing(field: string): MongoServerError {
  return new MongoServerError(
    40414,
    `BSON field '$densify.range.${field}' is missing but a required field`,
  );
}

function readUnit(name: string | undefined, step: Value): TimeUnit | undefined {
  if (name === undefined) return undefined;
  const isWhole =
    Number.isInteger(toNumber(step.buffer, step.type, step.start)) &&
    truncateToInteger(step) !== undefined;
  if (!isWhole) {
    throw new MongoServerError(
      6586400,
      'The step parameter in a range statement must be a whole number when densifying a date range',
    );
  }
  const unit = timeUnitNamed(name);
  if (unit !== undefined) return unit;
  throw new MongoServerError('FailedToParse', `unknown time unit value: ${name}`);
}

function readArray(spec: Value, step: Value, unit: TimeUnit | undefined): DensifyBounds {
  const [lower, upper, ...more] = elementsOf(spec);
  if (lower === undefined || upper === undefined || more.length > 0) {
    throw new MongoServerError(
      5733403,
      'A bounding array in a range statement must have exactly two elements',
    );
  }
  const notBoth = 'A bounding array must contain either both dates or both numeric types';
  const notAscending =
    'A bounding array must be an ascending array of either two dates or two numbers';
  if (compareMaybe(lower, upper) > 0) throw new MongoServerError(5733402, notAscending);
  if (isNumber(lower)) {
    if (unit !== undefined) {
      throw new MongoServerError(5733409, 'Numeric bounds may not have unit parameter');
    }
    if (!isNumber(upper)) throw new MongoServerError(5733406, notBoth);
    if (lower.type !== upper.type || lower.type !== step.type) {
      throw new MongoServerError(
        5876900,
        'Upper bound, lower bound, and step must all have the same type',
      );
    }
  } else if (lower.type === BsonType.date) {
    if (upper.type !== BsonType.date) throw new MongoServerError(5733405, notBoth);
    if (unit === undefined) {
      throw new MongoServerError(5733410, 'A bounding array of dates must specify a unit');
    }
  } else throw new MongoServerError(5733404, notAscending);
  return { lower, upper };
}

function readWord(spec: Value, isPartitioned: boolean): DensifyBounds {
  const word = spec.type === BsonType.string ? textOf(spec) : undefined;
  if (word === 'full') return 'full';
  if (word !== 'partition') {
    throw new MongoServerError(
      spec.type === BsonType.string ? 5946802 : 5733404,
      "Bounds string must either be 'full' or 'partition'",
    );
  }
  if (isPartitioned) return 'partition';
  throw new MongoServerError(
    5733408,
    "one may not specify the bounds as 'partition' without specifying a non-empty array of partitionByFields. You may have meant to specify 'full' bounds.",
  );
}
