/** `$mod: [divisor, remainder]`: on the value cut to an integer. */
import { BsonType, ElementReader, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { ModNode, ValueTest } from '../filter-node.ts';
import { isNumberType, numberOf, truncatedLong } from '../raw-number.ts';
import type { FieldOperator } from './operator.ts';

function part(name: string, value: RawValue): bigint {
  if (!isNumberType(value.type)) {
    throw new MongoServerError('BadValue', `malformed mod, ${name} not a number`);
  }
  const long = truncatedLong(value.buffer, value.type, value.start);
  if (long !== undefined) return long;
  const reason = Number.isFinite(numberOf(value)!)
    ? 'Out of bounds coercing to integral value'
    : 'Unable to coerce NaN/Inf to integral type';
  throw new MongoServerError(
    'BadValue',
    `malformed mod, ${name} value is invalid :: caused by :: ${reason}`,
  );
}

export const mod: FieldOperator = {
  name: '$mod',
  parse(path, value) {
    if (value.type !== BsonType.array) {
      throw new MongoServerError('BadValue', 'malformed mod, needs to be an array');
    }
    const parts: RawValue[] = [];
    const reader = new ElementReader(value.buffer, value.start);
    while (reader.next()) parts.push(reader.value());
    if (parts.length < 2) {
      throw new MongoServerError('BadValue', 'malformed mod, not enough elements');
    }
    if (parts.length > 2) {
      throw new MongoServerError('BadValue', 'malformed mod, too many elements');
    }
    const divisor = part('divisor', parts[0]!);
    const remainder = part('remainder', parts[1]!);
    if (divisor === 0n) throw new MongoServerError('BadValue', 'divisor cannot be 0');
    return { kind: 'mod', path, divisor, remainder };
  },
};

export function modTest({ divisor, remainder }: ModNode): ValueTest {
  return (buffer, type, start) => {
    const long = truncatedLong(buffer, type, start);
    return long !== undefined && long % divisor === remainder;
  };
}
