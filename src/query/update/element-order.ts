import {
  BsonType,
  type Collation,
  compareValues,
  ElementReader,
  type RawValue,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { missingType } from '../filter-node.ts';
import { isNumberType, numberOf } from '../raw-number.ts';

export type ElementOrder = (a: RawValue, b: RawValue) => number;

const badOrder = 'The $sort element value must be either 1 or -1';
const nullBytes = Buffer.alloc(1);

function direction(value: RawValue): 1 | -1 {
  const number = isNumberType(value.type) ? numberOf(value) : undefined;
  if (number !== 1 && number !== -1) throw new MongoServerError('BadValue', badOrder);
  return number;
}

/** `$sort` of `$push`: by the element (1, -1) or by fields of elements that are documents. */
export function parseElementOrder(value: RawValue, collation?: Collation): ElementOrder {
  if (isNumberType(value.type)) {
    const sign = direction(value);
    return (a, b) =>
      sign * compareValues(a.buffer, a.type, a.start, b.buffer, b.type, b.start, collation);
  }
  if (value.type !== BsonType.object) {
    throw new MongoServerError(
      'BadValue',
      'The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields',
    );
  }
  const fields: { parts: readonly string[]; sign: 1 | -1 }[] = [];
  const reader = new ElementReader(value.buffer, value.start);
  while (reader.next()) {
    const path = reader.name();
    if (path === '') throw new MongoServerError('BadValue', 'The $sort field cannot be empty');
    const parts = path.split('.');
    if (parts.includes('')) {
      throw new MongoServerError(
        'BadValue',
        `The $sort field is a dotted field but has an empty part: ${path}`,
      );
    }
    fields.push({ parts, sign: direction(reader.value()) });
  }
  if (fields.length === 0) {
    throw new MongoServerError(
      'BadValue',
      'The $sort pattern is empty when it should be a set of fields.',
    );
  }
  return (a, b) => {
    for (const { parts, sign } of fields) {
      const x = at(a, parts);
      const y = at(b, parts);
      const order = compareValues(x.buffer, x.type, x.start, y.buffer, y.type, y.start, collation);
      if (order !== 0) return sign * order;
    }
    return 0;
  };
}

/** The value at the path through documents and array positions; null when there is none. */
function at(element: RawValue, parts: readonly string[]): RawValue {
  let current = element;
  for (const part of parts) {
    const isContainer = current.type === BsonType.object || current.type === BsonType.array;
    let found: RawValue | undefined;
    if (isContainer) {
      const reader = new ElementReader(current.buffer, current.start);
      while (found === undefined && reader.next()) {
        if (reader.name() === part) found = reader.value();
      }
    }
    if (found === undefined || found.type === missingType) {
      return { buffer: nullBytes, type: BsonType.null, start: 0, end: 0 };
    }
    current = found;
  }
  return current;
}
