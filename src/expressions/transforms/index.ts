import { addFields, set } from './add-fields.ts';
import { project } from './project.ts';
import { replaceRoot, replaceWith } from './replace-root.ts';
import type { Transform } from './transform.ts';
import { unset } from './unset.ts';

/** The stages that change one document at a time. An update may consist of these. */
export const transforms: readonly Transform[] = [
  addFields,
  project,
  replaceRoot,
  replaceWith,
  set,
  unset,
];
