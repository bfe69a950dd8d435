import { BsonType, valueText } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { wholeNumberOf } from './coerce.ts';
import { isNullish, type MaybeValue, typeName, utf8Of } from './value.ts';

export interface TextSearch {
  readonly text: Buffer;
  readonly wanted: Buffer;
  readonly from: number;
  /** Infinity: to the end. */
  readonly to: number;
}

/** `[string, substring, from, to]`; undefined for a null string. A bound that is given must be there. */
export function searchOperands(
  name: string,
  operands: readonly MaybeValue[],
  textCode: number,
  wantedCode: number,
): TextSearch | undefined {
  const [text, wanted, from, to] = operands;
  if (isNullish(text)) return undefined;
  if (text!.type !== BsonType.string) {
    throw new MongoServerError(
      textCode,
      `${name} requires a string as the first argument, found: ${typeName(text)}`,
    );
  }
  if (wanted?.type !== BsonType.string) {
    throw new MongoServerError(
      wantedCode,
      `${name} requires a string as the second argument, found: ${typeName(wanted)}`,
    );
  }
  return {
    text: utf8Of(text!),
    wanted: utf8Of(wanted),
    from: operands.length < 3 ? 0 : position(name, from, 'starting'),
    to: operands.length < 4 ? Number.POSITIVE_INFINITY : position(name, to, 'ending'),
  };
}

/** A bound of a search: 40096 for what is no whole number, 40097 for a negative one. */
export function position(name: string, value: MaybeValue, which: 'starting' | 'ending'): number {
  const number = wholeNumberOf(value);
  if (number === undefined) {
    const shown = value === undefined ? 'MISSING' : valueText(value);
    throw new MongoServerError(
      40096,
      `${name} requires an integral ${which} index, found a value of type: ${typeName(value)}, with value: ${shown}`,
    );
  }
  if (number >= 0) return number;
  throw new MongoServerError(
    40097,
    `${name} requires a nonnegative ${which} index, found: ${number}`,
  );
}
