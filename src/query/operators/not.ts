/** `$not`: whatever its operators (or regular expression) do not match, missing fields included. */
import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { FieldOperator } from './operator.ts';
import { regexLiteral } from './regex.ts';

export const not: FieldOperator = {
  name: '$not',
  parse(path, value, parser) {
    if (value.type === BsonType.regex) {
      return { kind: 'not', child: regexLiteral(path, value) };
    }
    if (value.type !== BsonType.object) {
      throw new MongoServerError('BadValue', '$not needs a regex or a document');
    }
    const children = parser.parseOperators(path, value.buffer, value.start);
    if (value.buffer[value.start + 4] === 0) {
      throw new MongoServerError('BadValue', '$not cannot be empty');
    }
    return {
      kind: 'not',
      child: children.length === 1 ? children[0]! : { kind: 'and', children },
    };
  },
};
