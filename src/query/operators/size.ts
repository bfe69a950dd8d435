/** `$size`: the array at the path (never an element of it) has exactly so many elements. */
import { BsonType, ElementReader, elementText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { SizeNode, ValueTest } from '../filter-node.ts';
import { integralLong, isNumberType } from '../raw-number.ts';
import type { FieldOperator } from './operator.ts';

export const size: FieldOperator = {
  name: '$size',
  parse(path, value) {
    const refuse = (reason: string): never => {
      throw new MongoServerError(
        'BadValue',
        `Failed to parse $size. ${reason} ${elementText('$size', value)}`,
      );
    };
    if (!isNumberType(value.type)) refuse('Expected a number in:');
    const long = integralLong(value);
    if (long === undefined) return refuse('Expected an integer:');
    if (long < 0n) refuse('Expected a non-negative number in:');
    if (long > 0x7fff_ffffn) refuse('Cannot represent in int:');
    return { kind: 'size', path, size: Number(long) };
  },
};

const reader = new ElementReader(Buffer.alloc(5), 0);

export function sizeTest({ size: wanted }: SizeNode): ValueTest {
  return (buffer, type, start) => {
    if (type !== BsonType.array) return false;
    reader.reset(buffer, start);
    let count = 0;
    while (reader.next()) if (++count > wanted) return false;
    return count === wanted;
  };
}
