import { BsonType, typeAlias } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { wholeNumberOf } from '../coerce.ts';
import { convert as convertValue, type TargetType } from '../convert.ts';
import type { SpecialOperator } from '../expression.ts';
import { foundUnknown, namedArguments } from '../operands.ts';
import { isNullish, isNumber, nullValue, textOf, typeName, type Value } from '../value.ts';

const targets: ReadonlySet<string> = new Set([
  'string',
  'int',
  'long',
  'double',
  'decimal',
  'bool',
  'date',
  'objectId',
]);

const names = ['input', 'to', 'onError', 'onNull', 'format', 'byteOrder'] as const;

/** `$convert`: to the type `to` names; `onError` and `onNull` in place of what can not be. */
export const convert: SpecialOperator = {
  kind: 'special',
  name: '$convert',
  parse(argument, context, parse) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(
        'FailedToParse',
        `$convert expects an object of named arguments but found: ${typeName(argument)}`,
      );
    }
    const given = namedArguments(argument, names, 9, foundUnknown('$convert'));
    if (given.format !== undefined || given.byteOrder !== undefined) {
      throw new MongoServerError('NotImplemented', '$convert of binary data is not implemented');
    }
    if (given.input === undefined) {
      throw new MongoServerError('FailedToParse', "Missing 'input' parameter to $convert");
    }
    if (given.to === undefined) {
      throw new MongoServerError('FailedToParse', "Missing 'to' parameter to $convert");
    }
    const input = parse(given.input, context);
    const to = parse(given.to, context);
    const onError = given.onError && parse(given.onError, context);
    const onNull = given.onNull && parse(given.onNull, context);
    return {
      isConstant: false,
      evaluate(scope) {
        const target = to.evaluate(scope);
        const value = input.evaluate(scope);
        const type = isNullish(target) ? undefined : nameOf(target!);
        if (isNullish(value)) return onNull === undefined ? nullValue : onNull.evaluate(scope);
        if (type === undefined) return nullValue;
        try {
          return convertTo(value!, type);
        } catch (error) {
          const failed = error instanceof MongoServerError && error.is('ConversionFailure');
          if (!failed || onError === undefined) throw error;
          return onError.evaluate(scope);
        }
      },
    };
  },
};

function convertTo(value: Value, type: string): Value {
  if (targets.has(type)) return convertValue(value, type as TargetType);
  throw new MongoServerError(
    'ConversionFailure',
    `Unsupported conversion from ${typeName(value)} to ${type} in $convert with no onError value`,
  );
}

/** The type that a name or a number stands for. */
function nameOf(value: Value): string {
  if (isNumber(value)) {
    const number = wholeNumberOf(value);
    if (number === undefined) {
      throw new MongoServerError(
        'FailedToParse',
        "In $convert, numeric 'to' argument is not an integer",
      );
    }
    return knownName(typeAlias(number), String(number));
  }
  if (value.type === BsonType.object) {
    throw new MongoServerError('NotImplemented', '$convert with a subtype is not implemented');
  }
  if (value.type === BsonType.string) return knownName(textOf(value), textOf(value));
  throw new MongoServerError(
    'FailedToParse',
    `$convert's 'to' argument must be a string or number, but is ${typeName(value)}`,
  );
}

function knownName(alias: string | undefined, given: string): string {
  if (alias !== undefined && Object.hasOwn(BsonType, alias)) return alias;
  throw new MongoServerError('BadValue', `Unknown type name: ${given}`);
}
