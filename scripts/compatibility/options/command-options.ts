/** The fields of every command, with what proves them. */
import { definitionOptions } from './definition-options.ts';
import { maintenanceOptions } from './maintenance-options.ts';
import type { CommandOptions } from './option-row.ts';
import { readOptions } from './read-options.ts';
import { replicaSetOptions } from './replica-set-options.ts';
import { serverOptions } from './server-options.ts';
import { writeOptions } from './write-options.ts';

export const commandOptions: readonly CommandOptions[] = [
  ...readOptions,
  ...writeOptions,
  ...definitionOptions,
  ...maintenanceOptions,
  ...serverOptions,
  ...replicaSetOptions,
];
