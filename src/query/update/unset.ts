/** `$unset`: removes the field; an array element becomes null. */
import { type Modifier, removed, type UpdateOperator, unchanged } from './modifier.ts';

export const unsetModifier: Modifier = {
  creates: false,
  apply: (current) => (current === undefined ? unchanged : removed),
};

export const unset: UpdateOperator = { name: '$unset', parse: () => unsetModifier };
