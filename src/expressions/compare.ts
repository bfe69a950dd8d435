import { BsonType, type Collation, compareValues } from '../bson/index.ts';
import type { MaybeValue } from './value.ts';

/** MongoDB's total order; a missing value is smaller than null and only equal to missing. */
export function compareMaybe(a: MaybeValue, b: MaybeValue, collation?: Collation): number {
  if (a === undefined || b === undefined) {
    if (a === b) return 0;
    const other = (a ?? b)!.type;
    // Only MinKey is smaller than missing.
    const sign = other === BsonType.minKey ? 1 : -1;
    return a === undefined ? sign : -sign;
  }
  return compareValues(a.buffer, a.type, a.start, b.buffer, b.type, b.start, collation);
}
