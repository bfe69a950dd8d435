import { BsonType, findField, typeAlias, valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { wholeLongOf } from '../coerce.ts';
import { convert as convertValue } from '../convert.ts';
import type { BinaryFormat, ByteOrder } from '../convert-binary.ts';
import type { SpecialOperator } from '../expression.ts';
import { fold } from '../fold.ts';
import { foundUnknown, namedArguments } from '../operands.ts';
import {
  isNullish,
  isNumber,
  type MaybeValue,
  nullValue,
  textOf,
  typeName,
  type Value,
} from '../value.ts';

const names = ['input', 'to', 'onError', 'onNull', 'format', 'byteOrder'] as const;
const formats: ReadonlySet<string> = new Set([
  'auto',
  'base64',
  'base64url',
  'hex',
  'utf8',
  'uuid',
]);

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
    const format = given.format && parse(given.format, context);
    const byteOrder = given.byteOrder && parse(given.byteOrder, context);
    return fold(context, [input, to, onError, onNull, format, byteOrder], (scope) => {
      const type = targetOf(to.evaluate(scope));
      const value = input.evaluate(scope);
      const formatName = format?.evaluate(scope);
      const order = byteOrder?.evaluate(scope);
      if (isNullish(value)) return onNull === undefined ? nullValue : onNull.evaluate(scope);
      if (type === undefined) return nullValue;
      const options = {
        format: formatOf(formatName),
        byteOrder: byteOrderOf(order),
        subtype: type.subtype,
      };
      try {
        return convertValue(value!, type.alias, options);
      } catch (error) {
        const failed = error instanceof MongoServerError && error.is('ConversionFailure');
        if (!failed || onError === undefined) throw error;
        return onError.evaluate(scope);
      }
    });
  },
};

interface Target {
  readonly alias: string;
  readonly subtype: MaybeValue;
}

/** Undefined for null and missing. */
function targetOf(value: MaybeValue): Target | undefined {
  if (isNullish(value)) return undefined;
  if (value!.type !== BsonType.object) return { alias: aliasOf(value), subtype: undefined };
  const { buffer, start } = value!;
  const subtype = findField(buffer, start, 'subtype');
  return {
    alias: aliasOf(findField(buffer, start, 'type')),
    // A null here is refused where it is used, as any other type.
    subtype,
  };
}

/** The type that a name or a number stands for. */
function aliasOf(value: MaybeValue): string {
  if (value !== undefined && isNumber(value)) {
    const number = wholeLongOf(value);
    if (number === undefined) {
      throw new MongoServerError(
        'FailedToParse',
        "In $convert, numeric 'to' argument is not an integer",
      );
    }
    const alias = number === -1n ? 'minKey' : typeAlias(Number(number));
    if (number === 0n || (alias !== 'missing' && number < 128n)) return alias;
    throw new MongoServerError(
      'FailedToParse',
      `In $convert, numeric value for 'to' does not correspond to a BSON type: ${number}`,
    );
  }
  if (value?.type === BsonType.string) {
    const alias = textOf(value);
    if (alias === 'missing' || Object.hasOwn(BsonType, alias)) return alias;
    throw new MongoServerError('BadValue', `Unknown type name: ${alias}`);
  }
  throw new MongoServerError(
    'FailedToParse',
    `$convert's 'to' argument must be a string or number, but is ${typeName(value)}`,
  );
}

function formatOf(value: MaybeValue): BinaryFormat | undefined {
  if (isNullish(value)) return undefined;
  const format = textArgument('format', 4341114, value!);
  if (formats.has(format)) return format as BinaryFormat;
  throw new MongoServerError(4341125, `Invalid 'format' argument for $convert: ${format}`);
}

function byteOrderOf(value: MaybeValue): ByteOrder {
  if (isNullish(value)) return 'little';
  const order = textArgument('byteOrder', 9130001, value!);
  if (order === 'little' || order === 'big') return order;
  throw new MongoServerError(9130002, `Invalid 'byteOrder' argument for $convert: ${order}`);
}

function textArgument(name: string, code: number, value: Value): string {
  if (value.type === BsonType.string) return textOf(value);
  throw new MongoServerError(
    code,
    `$convert requires that '${name}' be a string, found: ${typeName(value)} with value ${valueText(value)}`,
  );
}
