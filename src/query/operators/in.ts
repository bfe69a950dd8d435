import type { FieldOperator } from './operator.ts';
import { parseValueList } from './value-list.ts';

/** `$in`: equal to a value of the list, or matched by a regular expression in it. */
export const inOperator: FieldOperator = {
  name: '$in',
  parse: (path, value, { collation }) => parseValueList('$in', path, value, collation),
};
