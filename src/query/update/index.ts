import { addToSet } from './add-to-set.ts';
import { inc, mul } from './arithmetic.ts';
import { bit } from './bit.ts';
import { currentDate } from './current-date.ts';
import { max, min } from './min-max.ts';
import type { UpdateOperator } from './modifier.ts';
import { pop } from './pop.ts';
import { pull, pullAll } from './pull.ts';
import { push } from './push.ts';
import { set, setOnInsert } from './set.ts';
import { unset } from './unset.ts';

const list: readonly UpdateOperator[] = [
  addToSet,
  bit,
  currentDate,
  inc,
  max,
  min,
  mul,
  pop,
  pull,
  pullAll,
  push,
  set,
  setOnInsert,
  unset,
];

/** Update operators by name; `$rename`, which touches two paths, is read by the parser itself. */
export const updateOperators: ReadonlyMap<string, UpdateOperator> = new Map(
  list.map((operator) => [operator.name, operator]),
);
