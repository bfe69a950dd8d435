/** What `$inc` and `$mul` share: a missing field counts as zero of the argument's type. */
import {
  BsonType,
  compareValues,
  elementText,
  int32Value,
  type RawValue,
  typeAlias,
  valueText,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { isNumberType } from '../raw-number.ts';
import { changeTo, type UpdateOperator, unchanged } from './modifier.ts';

/** An operator that makes a number of the field's and the argument's; `verb` is for its messages. */
export function arithmetic(
  name: '$inc' | '$mul',
  verb: string,
  combine: (a: RawValue, b: RawValue) => RawValue | 'overflow',
): UpdateOperator {
  return {
    name,
    parse(path, argument) {
      const field = path.split('.').at(-1)!;
      if (!isNumberType(argument.type)) {
        throw new MongoServerError(
          'TypeMismatch',
          `Cannot ${verb} with non-numeric argument: {${elementText(path, argument)}}`,
        );
      }
      return {
        creates: true,
        apply(current, context) {
          if (current === undefined) {
            // 0 times a number has the number's type.
            return name === '$inc' ? argument : (combine(argument, int32Value(0)) as RawValue);
          }
          if (!isNumberType(current.type)) {
            throw new MongoServerError(
              'TypeMismatch',
              `Cannot apply ${name} to a value of non-numeric type. {${context.idText}} has the field '${field}' of non-numeric type ${typeAlias(current.type)}`,
            );
          }
          const result = combine(current, argument);
          if (result === 'overflow') {
            throw new MongoServerError(
              'BadValue',
              `Failed to apply ${name} operations to current value (${numberText(current)}) for document {${context.idText}}`,
            );
          }
          // Negative zero stays what it is when the result is the other zero.
          return equalNumbers(current, result) ? unchanged : changeTo(current, result);
        },
      };
    },
  };
}

function numberText(value: RawValue): string {
  return value.type === BsonType.long
    ? `(NumberLong)${valueText(value)}`
    : `(NumberInt)${valueText(value)}`;
}

/** Of one type and one value; decimals may differ in their exponents. */
function equalNumbers(a: RawValue, b: RawValue): boolean {
  return (
    a.type === b.type && compareValues(a.buffer, a.type, a.start, b.buffer, b.type, b.start) === 0
  );
}
