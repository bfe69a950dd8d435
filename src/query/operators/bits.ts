/**
 * What `$bitsAllSet`, `$bitsAllClear`, `$bitsAnySet`, `$bitsAnyClear` share: bits of an integer (two's
 * complement, the sign goes on for ever) or of binary data (little-endian, zeros behind the end).
 */
import {
  BsonType,
  ElementReader,
  elementText,
  type RawValue,
  readInt32,
  valueText,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { BitsNode, ValueTest } from '../filter-node.ts';
import { integralLong, isNumberType } from '../raw-number.ts';
import type { FieldOperator } from './operator.ts';

function positionsOf(name: string, value: RawValue): number[] {
  const positions: number[] = [];
  if (isNumberType(value.type)) {
    const mask = integralLong(value);
    if (mask === undefined) {
      throw new MongoServerError(
        'FailedToParse',
        `Expected an integer: ${elementText(name, value)}`,
      );
    }
    if (mask < 0n) {
      throw new MongoServerError(
        'FailedToParse',
        `Expected a non-negative number in: ${elementText(name, value)}`,
      );
    }
    for (let bit = 0; bit < 63; bit++) if ((mask >> BigInt(bit)) & 1n) positions.push(bit);
    return positions;
  }
  if (value.type === BsonType.binData) {
    const length = readInt32(value.buffer, value.start);
    for (let bit = 0; bit < length * 8; bit++) {
      if ((value.buffer[value.start + 5 + (bit >> 3)]! >> (bit & 7)) & 1) positions.push(bit);
    }
    return positions;
  }
  if (value.type === BsonType.array) {
    const reader = new ElementReader(value.buffer, value.start);
    while (reader.next()) {
      const one = reader.value();
      const text = `${reader.name()}: ${valueText(one)}`;
      if (!isNumberType(one.type)) {
        throw new MongoServerError(
          'BadValue',
          `Failed to parse bit position. Expected a number in: ${text}`,
        );
      }
      const position = integralLong(one);
      if (position === undefined) {
        throw new MongoServerError(
          'BadValue',
          `Failed to parse bit position. Expected an integer: ${text}`,
        );
      }
      if (position < 0n) {
        throw new MongoServerError(
          'BadValue',
          `Failed to parse bit position. Expected a non-negative number in: ${text}`,
        );
      }
      if (position > 0x7fff_ffffn) {
        throw new MongoServerError(
          'BadValue',
          `Failed to parse bit position. Cannot represent in int: ${text}`,
        );
      }
      positions.push(Number(position));
    }
    return positions;
  }
  throw new MongoServerError(
    'BadValue',
    `${name} takes an Array, a number, or a BinData but received: ${elementText(name, value)}`,
  );
}

/** An operator that looks at the bits its argument names. */
export function bitsOperator(name: BitsNode['operator']): FieldOperator {
  return {
    name,
    parse: (path, value) => ({
      kind: 'bits',
      path,
      operator: name,
      positions: positionsOf(name, value),
    }),
  };
}

export function bitsTest({ operator, positions }: BitsNode): ValueTest {
  const wantsSet = operator === '$bitsAllSet' || operator === '$bitsAnySet';
  const wantsAll = operator === '$bitsAllSet' || operator === '$bitsAllClear';
  const decide = (isSet: (position: number) => boolean): boolean =>
    wantsAll
      ? positions.every((position) => isSet(position) === wantsSet)
      : positions.some((position) => isSet(position) === wantsSet);
  return (buffer, type, start) => {
    if (type === BsonType.binData) {
      const length = readInt32(buffer, start);
      return decide(
        (position) =>
          position >> 3 < length &&
          ((buffer[start + 5 + (position >> 3)]! >> (position & 7)) & 1) === 1,
      );
    }
    if (!isNumberType(type)) return false;
    const end = start + (type === BsonType.int ? 4 : type === BsonType.decimal ? 16 : 8);
    const long = integralLong({ buffer, type, start, end });
    if (long === undefined) return false;
    return decide((position) => ((long >> BigInt(Math.min(position, 63))) & 1n) === 1n);
  };
}
