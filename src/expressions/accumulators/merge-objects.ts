import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { FieldMap } from '../field-map.ts';
import {
  documentValue,
  isNullish,
  type MaybeValue,
  ownValue,
  typeName,
  type Value,
} from '../value.ts';
import type { Accumulator } from './accumulator.ts';

/** `$mergeObjects`: the fields of all documents; of equal names the last value. */
export const mergeObjects: Accumulator = {
  name: '$mergeObjects',
  start() {
    const fields = new FieldMap();
    return {
      heldBytes: 0,
      add(value: MaybeValue) {
        if (isNullish(value)) return;
        if (value!.type !== BsonType.object) {
          throw new MongoServerError(
            40400,
            `$mergeObjects requires object inputs, but input is of type ${typeName(value)}`,
          );
        }
        const own = ownValue(value!);
        fields.merge(own.buffer, own.start);
        this.heldBytes += own.end;
      },
      result: () => documentValue(fields.encode()),
    } as { heldBytes: number; add(value: MaybeValue): void; result(): Value };
  },
};
