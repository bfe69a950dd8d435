/** `$min` and `$max`: by the total order of BSON values, across types. */
import { compareValues, type RawValue } from '../../bson/index.ts';
import { type UpdateOperator, unchanged } from './modifier.ts';

function bound(name: '$min' | '$max', sign: 1 | -1): UpdateOperator {
  return {
    name,
    parse: (_path, value) => ({
      creates: true,
      apply: (current) => (current === undefined || isBeyond(value, current) ? value : unchanged),
    }),
  };

  function isBeyond(value: RawValue, current: RawValue): boolean {
    const order = compareValues(
      value.buffer,
      value.type,
      value.start,
      current.buffer,
      current.type,
      current.start,
    );
    return order * sign > 0;
  }
}

export const min = bound('$min', -1);
export const max = bound('$max', 1);
