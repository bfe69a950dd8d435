import { all } from './all.ts';
import { bitsAllClear } from './bits-all-clear.ts';
import { bitsAllSet } from './bits-all-set.ts';
import { bitsAnyClear } from './bits-any-clear.ts';
import { bitsAnySet } from './bits-any-set.ts';
import { elemMatch } from './elem-match.ts';
import { eq } from './eq.ts';
import { exists } from './exists.ts';
import { geoIntersects } from './geo-intersects.ts';
import { geoWithin, within } from './geo-within.ts';
import { gt } from './gt.ts';
import { gte } from './gte.ts';
import { inOperator } from './in.ts';
import { lt } from './lt.ts';
import { lte } from './lte.ts';
import { mod } from './mod.ts';
import { ne } from './ne.ts';
import { nin } from './nin.ts';
import { not } from './not.ts';
import type { FieldOperator } from './operator.ts';
import { size } from './size.ts';
import { type } from './type.ts';

const list: readonly FieldOperator[] = [
  all,
  bitsAllClear,
  bitsAllSet,
  bitsAnyClear,
  bitsAnySet,
  elemMatch,
  eq,
  exists,
  geoIntersects,
  geoWithin,
  gt,
  gte,
  inOperator,
  lt,
  lte,
  mod,
  ne,
  nin,
  not,
  size,
  type,
  within,
];

/** Operators of `{path: {$operator: ...}}` by name; `$regex` and `$options` are read as a pair. */
export const fieldOperators: ReadonlyMap<string, FieldOperator> = new Map(
  list.map((operator) => [operator.name, operator]),
);
