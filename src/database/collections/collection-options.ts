/** What a collection's options, kept as BSON the way listCollections shows them, mean to the store. */
import type { CollectionInfo } from '../../../storage/index.ts';
import { decodeDocument, ElementReader, encodeDocument } from '../../bson/index.ts';
import type { TimeSeries } from './time-series.ts';

/** What a capped collection is kept within. */
export interface CappedLimits {
  /** Of the documents, in bytes. */
  readonly bytesMax: number;
  /** Infinity: as many as fit. */
  readonly documentsMax: number;
}

const emptyDocumentLength = 5;

export type HasOptions = Pick<CollectionInfo, 'options'>;

interface Meaning {
  readonly capped: CappedLimits | undefined;
  readonly isClustered: boolean;
  readonly expireAfterSeconds: number | undefined;
  readonly timeSeries: TimeSeries | undefined;
}

const nothingSaid: Meaning = {
  capped: undefined,
  isClustered: false,
  expireAfterSeconds: undefined,
  timeSeries: undefined,
};

/** By the bytes of the options, which every version of a collection's row shares. */
const known = new WeakMap<Buffer, Meaning>();

export function meaningOf({ options }: HasOptions): Meaning {
  if (options.length === emptyDocumentLength) return nothingSaid;
  let meaning = known.get(options);
  if (meaning === undefined) {
    const { capped, size, max, clusteredIndex, expireAfterSeconds, timeseries } =
      decodeDocument(options);
    const documentsMax = max === undefined ? Number.POSITIVE_INFINITY : Number(max);
    meaning = {
      capped: capped === true ? { bytesMax: Number(size), documentsMax } : undefined,
      isClustered: clusteredIndex !== undefined,
      expireAfterSeconds: expireAfterSeconds === undefined ? undefined : Number(expireAfterSeconds),
      timeSeries: timeseries as TimeSeries | undefined,
    };
    known.set(options, meaning);
  }
  return meaning;
}

/** Undefined: the collection is not capped. */
export function cappedLimits(info: HasOptions): CappedLimits | undefined {
  return meaningOf(info).capped;
}

/** Its natural order is that of `_id`. */
export function isClustered(info: HasOptions): boolean {
  return meaningOf(info).isClustered;
}

/**
 * How long documents stay after the date that is their `_id`, in a clustered collection, or the time of
 * the measurement.
 */
export function documentsExpireAfter(info: HasOptions): number | undefined {
  return meaningOf(info).expireAfterSeconds;
}

/** As MongoDB counts: the index that gives a collection its order is the collection itself. */
export function indexCount(info: Pick<CollectionInfo, 'options' | 'indexes'>): number {
  const { isClustered, timeSeries } = meaningOf(info);
  return info.indexes.length - (isClustered || timeSeries !== undefined ? 1 : 0);
}

export function isCapped(info: HasOptions): boolean {
  return cappedLimits(info) !== undefined;
}

/** The order of MongoDB's listCollections. */
const shownOrder = [
  'capped',
  'size',
  'max',
  'temp',
  'changeStreamPreAndPostImages',
  'storageEngine',
  'indexOptionDefaults',
  'validator',
  'validationLevel',
  'validationAction',
  'collation',
  'timeseries',
  'encryptedFields',
  'clusteredIndex',
  'expireAfterSeconds',
] as const;

export type CollectionOption = (typeof shownOrder)[number];

/** A field that is undefined is left out. */
export type CollectionOptions = { readonly [field in CollectionOption]?: unknown };

export function encodeOptions(fields: CollectionOptions): Buffer {
  const ordered: Record<string, unknown> = {};
  for (const name of shownOrder) {
    if (fields[name] !== undefined) ordered[name] = fields[name];
  }
  return encodeDocument(ordered);
}

/** Options with some of them changed; the others stay the bytes they are. */
export function withOptions(options: Buffer, changes: CollectionOptions): Buffer {
  const fields: Record<string, unknown> = {};
  const reader = new ElementReader(options, 0);
  while (reader.next()) fields[reader.name()] = reader.value();
  return encodeOptions({ ...fields, ...changes });
}
