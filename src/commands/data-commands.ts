/** Commands on documents, collections and indexes, alphabetical; part of the table in `index.ts`. */

import { aggregate } from './aggregate.ts';
import { bulkWrite } from './bulk-write.ts';
import { cloneCollectionAsCapped } from './clone-collection-as-capped.ts';
import { collMod } from './coll-mod.ts';
import { collStats } from './coll-stats.ts';
import type { Command } from './command.ts';
import { compact } from './compact.ts';
import { convertToCapped } from './convert-to-capped.ts';
import { count } from './count.ts';
import { create } from './create.ts';
import { createIndexes } from './create-indexes.ts';
import { dataSize } from './data-size.ts';
import { dbHash } from './db-hash.ts';
import { dbStats } from './db-stats.ts';
import { deleteCommand } from './delete.ts';
import { distinct } from './distinct.ts';
import { drop } from './drop.ts';
import { dropDatabase } from './drop-database.ts';
import { dropIndexes } from './drop-indexes.ts';
import { explain } from './explain.ts';
import { find } from './find.ts';
import { findAndModify } from './find-and-modify.ts';
import { getMore } from './get-more.ts';
import { insert } from './insert.ts';
import { killCursors } from './kill-cursors.ts';
import { listCollections } from './list-collections.ts';
import { listDatabases } from './list-databases.ts';
import { listIndexes } from './list-indexes.ts';
import { planCacheClear } from './plan-cache-clear.ts';
import { planCacheClearFilters } from './plan-cache-clear-filters.ts';
import { planCacheListFilters } from './plan-cache-list-filters.ts';
import { planCacheSetFilter } from './plan-cache-set-filter.ts';
import { removeQuerySettings } from './remove-query-settings.ts';
import { renameCollection } from './rename-collection.ts';
import { setQuerySettings } from './set-query-settings.ts';
import { update } from './update.ts';
import { validate } from './validate.ts';
import { validateDbMetadata } from './validate-db-metadata.ts';

export const dataCommands: readonly Command[] = [
  aggregate,
  bulkWrite,
  cloneCollectionAsCapped,
  collMod,
  collStats,
  compact,
  convertToCapped,
  count,
  create,
  createIndexes,
  dataSize,
  dbHash,
  dbStats,
  deleteCommand,
  distinct,
  drop,
  dropDatabase,
  dropIndexes,
  explain,
  find,
  findAndModify,
  getMore,
  insert,
  killCursors,
  listCollections,
  listDatabases,
  listIndexes,
  planCacheClear,
  planCacheClearFilters,
  planCacheListFilters,
  planCacheSetFilter,
  removeQuerySettings,
  renameCollection,
  setQuerySettings,
  update,
  validate,
  validateDbMetadata,
];
