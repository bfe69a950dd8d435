/** Commands on documents, collections and indexes, alphabetical; part of the table in `index.ts`. */

import { cloneCollectionAsCapped } from './collections/clone-collection-as-capped.ts';
import { collMod } from './collections/coll-mod.ts';
import { compact } from './collections/compact.ts';
import { convertToCapped } from './collections/convert-to-capped.ts';
import { create } from './collections/create.ts';
import { createIndexes } from './collections/create-indexes.ts';
import { drop } from './collections/drop.ts';
import { dropDatabase } from './collections/drop-database.ts';
import { dropIndexes } from './collections/drop-indexes.ts';
import { listCollections } from './collections/list-collections.ts';
import { listDatabases } from './collections/list-databases.ts';
import { listIndexes } from './collections/list-indexes.ts';
import { renameCollection } from './collections/rename-collection.ts';
import { validate } from './collections/validate.ts';
import { validateDbMetadata } from './collections/validate-db-metadata.ts';
import type { Command } from './command.ts';
import { collStats } from './diagnostics/coll-stats.ts';
import { dataSize } from './diagnostics/data-size.ts';
import { dbHash } from './diagnostics/db-hash.ts';
import { dbStats } from './diagnostics/db-stats.ts';
import { aggregate } from './documents/aggregate.ts';
import { bulkWrite } from './documents/bulk-write.ts';
import { count } from './documents/count.ts';
import { deleteCommand } from './documents/delete.ts';
import { distinct } from './documents/distinct.ts';
import { explain } from './documents/explain.ts';
import { find } from './documents/find.ts';
import { findAndModify } from './documents/find-and-modify.ts';
import { getMore } from './documents/get-more.ts';
import { insert } from './documents/insert.ts';
import { killCursors } from './documents/kill-cursors.ts';
import { update } from './documents/update.ts';
import { planCacheClear } from './plans/plan-cache-clear.ts';
import { planCacheClearFilters } from './plans/plan-cache-clear-filters.ts';
import { planCacheListFilters } from './plans/plan-cache-list-filters.ts';
import { planCacheSetFilter } from './plans/plan-cache-set-filter.ts';
import { removeQuerySettings } from './plans/remove-query-settings.ts';
import { setQuerySettings } from './plans/set-query-settings.ts';

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
