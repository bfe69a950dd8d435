import { accumulatedOperator } from '../accumulated.ts';
import { average } from '../accumulators/avg.ts';

/** `$avg` outside `$group`. */
export const avg = accumulatedOperator(average('double'));
