/** Everything the page claims that is no name in a table of the server: options, kinds, values, semantics. */
import type { FeatureTable } from './feature-row.ts';
import { collectionRows } from './rows/collection-rows.ts';
import { generalRows } from './rows/general-rows.ts';
import { indexRows } from './rows/index-rows.ts';
import { filterRows, projectionRows } from './rows/query-rows.ts';
import { changeStreamRows, replicationRows } from './rows/replication-rows.ts';
import { securityRows } from './rows/security-rows.ts';
import { updateRows } from './rows/update-rows.ts';
import { collationRows, textRows, valueRows } from './rows/value-rows.ts';

export const featureTables: readonly FeatureTable[] = [
  filterRows,
  projectionRows,
  updateRows,
  generalRows,
  collectionRows,
  indexRows,
  collationRows,
  valueRows,
  textRows,
  replicationRows,
  changeStreamRows,
  securityRows,
];
