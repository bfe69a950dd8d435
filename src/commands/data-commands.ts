/** Commands on documents, collections and indexes, alphabetical; part of the table in `index.ts`. */
import type { Command } from './command.ts';
import { create } from './create.ts';
import { createIndexes } from './create-indexes.ts';
import { drop } from './drop.ts';
import { dropDatabase } from './drop-database.ts';
import { dropIndexes } from './drop-indexes.ts';
import { insert } from './insert.ts';
import { renameCollection } from './rename-collection.ts';

export const dataCommands: readonly Command[] = [
  create,
  createIndexes,
  drop,
  dropDatabase,
  dropIndexes,
  insert,
  renameCollection,
];
