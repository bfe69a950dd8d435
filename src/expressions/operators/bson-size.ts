import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { intValue, isNullish, nullValue, typeName } from '../value.ts';

/** `$bsonSize`: bytes of a document. */
export const bsonSize: PlainOperator = {
  kind: 'plain',
  name: '$bsonSize',
  arity: exactly(1),
  evaluate([operand]) {
    if (isNullish(operand)) return nullValue;
    const { type, start, end } = operand!;
    if (type === BsonType.object) return intValue(end - start);
    throw new MongoServerError(
      31393,
      `$bsonSize requires a document input, found: ${typeName(operand)}`,
    );
  },
};
