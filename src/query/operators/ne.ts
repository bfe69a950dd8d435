import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { comparison } from './comparison.ts';
import type { FieldOperator } from './operator.ts';

/** `$ne`: whatever `$eq` does not match, missing fields included. */
export const ne: FieldOperator = {
  name: '$ne',
  parse(path, value, { collation }) {
    if (value.type === BsonType.regex) {
      throw new MongoServerError('BadValue', "Can't have regex as arg to $ne.");
    }
    return { kind: 'not', child: comparison(path, '$eq', value, collation) };
  },
};
