import { findField } from '../../bson/index.ts';
import type { Value } from '../../expressions/index.ts';

/** Whether a pipeline makes its documents itself, so that it needs no collection. */
export function startsWithDocuments([first]: readonly Value[]): boolean {
  return first !== undefined && findField(first.buffer, first.start, '$documents') !== undefined;
}
