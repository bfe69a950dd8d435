/** What `$min` and `$max` share: by the total order of BSON values, across types. */
import { type Collation, compareValues, type RawValue } from '../../bson/index.ts';
import { type UpdateOperator, unchanged } from './modifier.ts';

/** An operator that sets the field to the argument when that lies further in the direction of `sign`. */
export function extreme(name: '$min' | '$max', sign: 1 | -1): UpdateOperator {
  return {
    name,
    parse: (_path, value, collation) => ({
      creates: true,
      apply: (current) =>
        current === undefined || isBeyond(value, current, collation) ? value : unchanged,
    }),
  };

  function isBeyond(value: RawValue, current: RawValue, collation: Collation | undefined): boolean {
    const order = compareValues(
      value.buffer,
      value.type,
      value.start,
      current.buffer,
      current.type,
      current.start,
      collation,
    );
    return order * sign > 0;
  }
}
