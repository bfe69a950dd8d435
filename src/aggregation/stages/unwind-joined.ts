/** An `$unwind` of what the stage before it adds: the two are one stage. */
import type { UnwindOptions } from '../pipeline-stage.ts';

export function isUnwindOf({ path }: UnwindOptions, as: readonly string[]): boolean {
  return path.length === as.length && path.every((name, at) => name === as[at]);
}

/** As explain shows it inside the stage. */
export function explainUnwind(unwind: UnwindOptions | undefined): Record<string, unknown> {
  if (unwind === undefined) return {};
  const { keepsEmpty, indexField } = unwind;
  const includeArrayIndex =
    indexField === undefined ? {} : { includeArrayIndex: indexField.join('.') };
  return { unwinding: { preserveNullAndEmptyArrays: keepsEmpty, ...includeArrayIndex } };
}
