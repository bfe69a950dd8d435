import { BsonType } from '../bson/index.ts';
import type { Filter } from '../query/index.ts';
import { conjunctsOf } from './predicate-bounds.ts';

/** The least `ts` an entry must have to match, as the 64 bits of a timestamp; undefined: any. */
export function minimumTimestamp(filter: Filter): bigint | undefined {
  let minimum: bigint | undefined;
  for (const node of conjunctsOf(filter.root)) {
    if (
      node.kind !== 'comparison' ||
      node.path !== 'ts' ||
      node.value.type !== BsonType.timestamp
    ) {
      continue;
    }
    if (node.operator !== '$gt' && node.operator !== '$gte' && node.operator !== '$eq') continue;
    const ts = node.value.buffer.readBigUInt64LE(node.value.start);
    if (minimum === undefined || ts > minimum) minimum = ts;
  }
  return minimum;
}
