/** `$elemMatch`: one element of the array satisfies all conditions at once. */
import { BsonType, ElementReader, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { FilterNode } from '../filter-node.ts';
import type { FieldOperator, FilterParser } from './operator.ts';

const logical = new Set(['$and', '$or', '$nor', '$where', '$expr', '$jsonSchema']);
const references = new Set(['$ref', '$id', '$db']);

/** Operators on the element itself (`{$gt: 1}`) or a filter on the element as a document. */
function isOverValues(value: RawValue): boolean {
  const reader = new ElementReader(value.buffer, value.start);
  if (!reader.next()) return false;
  const name = reader.name();
  return name.startsWith('$') && !logical.has(name) && !references.has(name);
}

export function parseElemMatch(path: string, value: RawValue, parser: FilterParser): FilterNode {
  if (value.type !== BsonType.object) {
    throw new MongoServerError('BadValue', '$elemMatch needs an Object');
  }
  if (isOverValues(value)) {
    const children = parser.parseOperators('', value.buffer, value.start);
    return { kind: 'elemMatchValue', path, children };
  }
  const child = parser.parseElement(value.buffer, value.start);
  return { kind: 'elemMatchObject', path, child };
}

export const elemMatch: FieldOperator = { name: '$elemMatch', parse: parseElemMatch };
