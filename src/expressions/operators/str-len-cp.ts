import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { countValue, typeName, utf8Of } from '../value.ts';

/** `$strLenCP`: the number of code points. */
export const strLenCP: PlainOperator = {
  kind: 'plain',
  name: '$strLenCP',
  arity: exactly(1),
  evaluate([operand]) {
    if (operand?.type !== BsonType.string) {
      throw new MongoServerError(
        34471,
        `$strLenCP requires a string argument, found: ${typeName(operand)}`,
      );
    }
    let count = 0;
    for (const byte of utf8Of(operand)) if ((byte & 0xc0) !== 0x80) count++;
    return countValue(count);
  },
};
