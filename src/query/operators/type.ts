/** `$type`: the BSON type of the value, by number, by alias, or one of a list of these. */
import {
  BsonType,
  decodeValue,
  ElementReader,
  elementText,
  type RawValue,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { TypeNode, ValueTest } from '../filter-node.ts';
import { integralLong, isNumberType, numberOf } from '../raw-number.ts';
import type { FieldOperator } from './operator.ts';

const numericTypes = [BsonType.int, BsonType.double, BsonType.long, BsonType.decimal];

const knownNumbers: ReadonlySet<number> = new Set(Object.values(BsonType));

/** Adds the types a number, an alias or a list of them stands for. */
function addTypes(value: RawValue, types: Set<number>): void {
  if (value.type === BsonType.string) {
    const alias = decodeValue(value) as string;
    if (alias === 'number') for (const type of numericTypes) types.add(type);
    else if (Object.hasOwn(BsonType, alias)) types.add(BsonType[alias as keyof typeof BsonType]);
    else throw new MongoServerError('BadValue', `Unknown type name alias: ${alias}`);
    return;
  }
  if (!isNumberType(value.type)) {
    throw new MongoServerError('TypeMismatch', 'type must be represented as a number or a string');
  }
  const number = numberOf(value)!;
  if (integralLong(value) === 0n) {
    throw new MongoServerError(
      'BadValue',
      'Invalid numerical type code: 0. Instead use {$exists:false}.',
    );
  }
  const type = number === -1 ? BsonType.minKey : number;
  if (type === 255 && number === 255) {
    throw new MongoServerError('BadValue', 'Invalid numerical type code: 255');
  }
  if (!knownNumbers.has(type)) {
    throw new MongoServerError(
      'BadValue',
      `Invalid numerical type code: ${elementText('', value).slice(2)}`,
    );
  }
  types.add(type);
}

export const type: FieldOperator = {
  name: '$type',
  parse(path, value) {
    const types = new Set<number>();
    if (value.type === BsonType.array) {
      const reader = new ElementReader(value.buffer, value.start);
      while (reader.next()) addTypes(reader.value(), types);
      if (types.size === 0) {
        throw new MongoServerError('FailedToParse', '$type must match at least one type');
      }
    } else addTypes(value, types);
    return { kind: 'type', path, types: [...types] };
  },
};

export function typeTest({ types }: TypeNode): ValueTest {
  const wanted = new Uint8Array(256);
  for (const one of types) wanted[one] = 1;
  return (_buffer, valueType) => wanted[valueType] === 1;
}
