/** The list of `$in` and `$nin`: equality with any value of a list, or a match of any regular expression in it. */
import {
  BsonType,
  type Collation,
  compareValues,
  ElementReader,
  isCollatable,
  type RawValue,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { type InNode, missingType, type RegexNode, type ValueTest } from '../filter-node.ts';
import { regexLiteral, regexTest } from './regex.ts';

export function parseValueList(
  name: string,
  path: string,
  value: RawValue,
  given: Collation | undefined,
): InNode {
  if (value.type !== BsonType.array) {
    throw new MongoServerError('BadValue', `${name} needs an array`);
  }
  const values: RawValue[] = [];
  const regexes: RegexNode[] = [];
  const reader = new ElementReader(value.buffer, value.start);
  while (reader.next()) {
    const one = reader.value();
    if (
      one.type === BsonType.object &&
      one.buffer[one.start + 5] === 0x24 &&
      one.buffer[one.start + 4] !== 0
    ) {
      throw new MongoServerError('BadValue', 'cannot nest $ under $in');
    }
    if (one.type === BsonType.undefined) {
      throw new MongoServerError('BadValue', 'InMatchExpression equality cannot be undefined');
    }
    if (one.type === BsonType.regex) regexes.push(regexLiteral(path, one));
    else values.push(one);
  }
  const collation = values.some(({ type }) => isCollatable(type)) ? given : undefined;
  values.sort((a, b) => compareRaw(a, b, collation));
  const distinct = values.filter(
    (one, at) => at === 0 || compareRaw(one, values[at - 1]!, collation) !== 0,
  );
  const node = { kind: 'in', path, values: distinct, regexes } as const;
  return collation === undefined ? node : { ...node, collation };
}

function compareRaw(a: RawValue, b: RawValue, collation: Collation | undefined): number {
  return compareValues(a.buffer, a.type, a.start, b.buffer, b.type, b.start, collation);
}

export function valueListTest({ values, regexes, collation }: InNode): ValueTest {
  const withNull = values.some((one) => one.type === BsonType.null);
  const tests = regexes.map(regexTest);
  return (buffer, type, start) => {
    if (type === missingType) return withNull;
    let low = 0;
    let high = values.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const one = values[middle]!;
      const order = compareValues(buffer, type, start, one.buffer, one.type, one.start, collation);
      // Undefined sorts apart from null, so it is never found.
      if (order === 0) return type !== BsonType.undefined;
      if (order < 0) high = middle - 1;
      else low = middle + 1;
    }
    for (const test of tests) if (test(buffer, type, start)) return true;
    return false;
  };
}
