/** `$exists`: is there a value at the path, null included? */
import { isTruthy } from '../../bson/index.ts';
import { missingType, type ValueTest } from '../filter-node.ts';
import type { FieldOperator } from './operator.ts';

export const exists: FieldOperator = {
  name: '$exists',
  parse(path, value) {
    const node = { kind: 'exists', path } as const;
    return isTruthy(value) ? node : { kind: 'not', child: node };
  },
};

export const existsTest: ValueTest = (_buffer, type) => type !== missingType;
