import { addToSet } from './add-to-set.ts';
import { bit } from './bit.ts';
import { currentDate } from './current-date.ts';
import { inc } from './inc.ts';
import { max } from './max.ts';
import { min } from './min.ts';
import type { UpdateOperator } from './modifier.ts';
import { mul } from './mul.ts';
import { pop } from './pop.ts';
import { pull } from './pull.ts';
import { pullAll } from './pull-all.ts';
import { push } from './push.ts';
import { set } from './set.ts';
import { setOnInsert } from './set-on-insert.ts';
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
