/**
 * What the options of a time series collection mean to the store. Its measurements are kept one by one, as
 * documents of an ordinary collection, so that the oplog, undo and the comparison of members are those of
 * any other: there are no buckets and no `system.buckets`. What buckets give to readers, an index of
 * the server's own gives here: the natural order is that of time.
 */
import type { CollectionInfo, IndexInfo } from '../../../storage/index.ts';
import { encodeDocument } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { type HasOptions, meaningOf } from './collection-options.ts';
import { splitNamespace } from './namespaces.ts';

export type Granularity = 'seconds' | 'minutes' | 'hours';

/** The `timeseries` option of create, as it is stored and listed. */
export interface TimeSeries {
  readonly timeField: string;
  readonly metaField?: string;
  /** Undefined: the bucket parameters were given in seconds. */
  readonly granularity?: Granularity;
  readonly bucketRoundingSeconds?: number;
  readonly bucketMaxSpanSeconds: number;
}

/** Undefined: the collection is none. */
export function timeSeriesOf(info: HasOptions): TimeSeries | undefined {
  return meaningOf(info).timeSeries;
}

/** The path is the metaField, or leads into it. */
export function isMetaPath({ metaField }: TimeSeries, path: string): boolean {
  return metaField !== undefined && (path === metaField || path.startsWith(`${metaField}.`));
}

/** Of the index that keeps the order of time. Clients neither see nor name it. */
export function timeIndexSpec({ timeField }: TimeSeries): Buffer {
  return encodeDocument({ v: 2, key: { [timeField]: 1 }, name: '$time', clustered: true });
}

/** Of the index a time series with a metaField has from the start. */
export function metaIndexSpec({ timeField, metaField }: TimeSeries): Buffer | undefined {
  if (metaField === undefined) return undefined;
  const name = `${metaField}_1_${timeField}_1`;
  return encodeDocument({ v: 2, key: { [metaField]: 1, [timeField]: 1 }, name });
}

/** The indexes clients know of. */
export function shownIndexes(info: CollectionInfo): readonly IndexInfo[] {
  return timeSeriesOf(info) === undefined ? info.indexes : info.indexes.slice(1);
}

/** Throws CommandNotSupportedOnView for a time series, as MongoDB, where it is a view of its buckets. */
export function refuseTimeSeries(info: Pick<CollectionInfo, 'namespace' | 'options'>): void {
  if (timeSeriesOf(info) === undefined) return;
  throw new MongoServerError(
    'CommandNotSupportedOnView',
    `Namespace ${info.namespace} is a timeseries collection`,
  );
}

const bucketsPrefix = 'system.buckets.';

/** Where MongoDB has the buckets of a time series. */
export function bucketsOf(namespace: string): string {
  const { database, collection } = splitNamespace(namespace);
  return `${database}.${bucketsPrefix}${collection}`;
}

/** The time series whose buckets a namespace would have in MongoDB. */
export function bucketsOwner(namespace: string): string | undefined {
  const { database, collection } = splitNamespace(namespace);
  if (!collection.startsWith(bucketsPrefix)) return undefined;
  return `${database}.${collection.slice(bucketsPrefix.length)}`;
}
