import { type Transform, transforms } from '../expressions/index.ts';
import { project } from './projection/project.ts';
import { unset } from './projection/unset.ts';

/** The stages that change one document at a time. An update may consist of these. */
export const documentStages: readonly Transform[] = [...transforms, project, unset];
