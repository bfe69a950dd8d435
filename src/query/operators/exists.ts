/** `$exists`: is there a value at the path, null included? */
import { BsonType, decodeValue, type RawValue } from '../../bson/index.ts';
import { missingType, type ValueTest } from '../filter-node.ts';
import { numberOf } from '../raw-number.ts';
import type { FieldOperator } from './operator.ts';

/** The truth of any BSON value: false, zero, null, undefined are false, the rest is true. */
export function isTrue(value: RawValue): boolean {
  const number = numberOf(value);
  if (number !== undefined) return number !== 0;
  if (value.type === BsonType.bool) return decodeValue(value) === true;
  return value.type !== BsonType.null && value.type !== BsonType.undefined;
}

export const exists: FieldOperator = {
  name: '$exists',
  parse(path, value) {
    const node = { kind: 'exists', path } as const;
    return isTrue(value) ? node : { kind: 'not', child: node };
  },
};

export const existsTest: ValueTest = (_buffer, type) => type !== missingType;
