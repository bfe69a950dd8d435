import { readRegion } from './geo-region.ts';
import type { FieldOperator } from './operator.ts';

/** Manual: $geoWithin. The place is wholly inside a polygon or circle. */
export const geoWithin: FieldOperator = define('$geoWithin');

/** The name it had before. */
export const within: FieldOperator = define('$within');

function define(name: '$geoWithin' | '$within'): FieldOperator {
  return {
    name,
    parse: (path, value) => ({
      kind: 'geo',
      path,
      operator: '$geoWithin',
      region: readRegion('$geoWithin', value),
      spec: value,
    }),
  };
}
