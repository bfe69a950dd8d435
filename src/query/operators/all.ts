/** `$all`: every listed value, regular expression or `$elemMatch` is matched by the field. */
import { BsonType, ElementReader, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { FilterNode } from '../filter-node.ts';
import { comparison } from './comparison.ts';
import { parseElemMatch } from './elem-match.ts';
import type { FieldOperator } from './operator.ts';
import { regexLiteral } from './regex.ts';

function firstName(value: RawValue): string | undefined {
  if (value.type !== BsonType.object) return undefined;
  const reader = new ElementReader(value.buffer, value.start);
  return reader.next() ? reader.name() : undefined;
}

export const all: FieldOperator = {
  name: '$all',
  parse(path, value, parser) {
    if (value.type !== BsonType.array) {
      throw new MongoServerError('BadValue', '$all needs an array');
    }
    const children: FilterNode[] = [];
    const reader = new ElementReader(value.buffer, value.start);
    let overElements: boolean | undefined;
    while (reader.next()) {
      const one = reader.value();
      const name = firstName(one);
      const isElemMatch = name === '$elemMatch';
      overElements ??= isElemMatch;
      if (overElements) {
        if (!isElemMatch) {
          throw new MongoServerError('BadValue', '$all/$elemMatch has to be consistent');
        }
        const inner = new ElementReader(one.buffer, one.start);
        inner.next();
        children.push(parseElemMatch(path, inner.value(), parser));
      } else if (one.type === BsonType.regex) children.push(regexLiteral(path, one));
      else if (name !== undefined && parser.isFieldOperator(name)) {
        throw new MongoServerError('BadValue', 'no $ expressions in $all');
      } else children.push(comparison(path, '$eq', one, parser.collation));
    }
    if (children.length === 0) return { kind: 'alwaysFalse' };
    return children.length === 1 ? children[0]! : { kind: 'and', children };
  },
};
