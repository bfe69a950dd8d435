import { addFields, set } from './add-fields.ts';
import { replaceRoot, replaceWith } from './replace-root.ts';
import type { Transform } from './transform.ts';

/** Stages that change one document at a time by expressions alone. */
export const transforms: readonly Transform[] = [addFields, replaceRoot, replaceWith, set];
