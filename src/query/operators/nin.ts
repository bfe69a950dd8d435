import type { FieldOperator } from './operator.ts';
import { parseValueList } from './value-list.ts';

/** `$nin`: whatever `$in` does not match, missing fields included. */
export const nin: FieldOperator = {
  name: '$nin',
  parse: (path, value, { collation }) => ({
    kind: 'not',
    child: parseValueList('$nin', path, value, collation),
  }),
};
