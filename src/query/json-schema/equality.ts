/** Equality of values in a schema: numbers by value whatever their type, fields in any order. */
import { BsonType, compareValues, type RawValue } from '../../bson/index.ts';
import { fieldsOf } from './keyword.ts';

export function areEqual(a: RawValue, b: RawValue): boolean {
  if (a.type === BsonType.object && b.type === BsonType.object) {
    const fields = fieldsOf(a);
    const others = new Map(fieldsOf(b).map(({ name, value }) => [name, value]));
    return (
      fields.length === others.size &&
      fields.every(({ name, value }) => {
        const other = others.get(name);
        return other !== undefined && areEqual(value, other);
      })
    );
  }
  if (a.type === BsonType.array && b.type === BsonType.array) {
    const elements = fieldsOf(a);
    const others = fieldsOf(b);
    return (
      elements.length === others.length &&
      elements.every(({ value }, at) => areEqual(value, others[at]!.value))
    );
  }
  return compareValues(a.buffer, a.type, a.start, b.buffer, b.type, b.start) === 0;
}
