import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { arrayValue, isNullish, nullValue, textOf, textValue, typeName } from '../value.ts';

/** `$split`: the parts of a string between separators. */
export const split: PlainOperator = {
  kind: 'plain',
  name: '$split',
  arity: exactly(2),
  evaluate([text, separator]) {
    if (isNullish(text) || isNullish(separator)) return nullValue;
    if (text!.type !== BsonType.string) {
      throw new MongoServerError(
        40085,
        `$split requires an expression that evaluates to a string as a first argument, found: ${typeName(text)}`,
      );
    }
    if (separator!.type !== BsonType.string) {
      throw new MongoServerError(
        40086,
        `$split requires an expression that evaluates to a string as a second argument, found: ${typeName(separator)}`,
      );
    }
    const between = textOf(separator!);
    if (between === '') throw new MongoServerError(40087, '$split requires a non-empty separator');
    return arrayValue(textOf(text!).split(between).map(textValue));
  },
};
