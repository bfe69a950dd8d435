import { readRegion } from './geo-region.ts';
import type { FieldOperator } from './operator.ts';

/** Manual: $geoIntersects. The place has a point in common with the geometry. */
export const geoIntersects: FieldOperator = {
  name: '$geoIntersects',
  parse: (path, value) => ({
    kind: 'geo',
    path,
    operator: '$geoIntersects',
    region: readRegion('$geoIntersects', value),
    spec: value,
  }),
};
