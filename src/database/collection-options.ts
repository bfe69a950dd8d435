/** What a collection's options, kept as BSON the way listCollections shows them, mean to the store. */
import type { CollectionInfo } from '../../storage/index.ts';
import { decodeDocument, ElementReader, encodeDocument } from '../bson/index.ts';

/** What a capped collection is kept within. */
export interface CappedLimits {
  /** Of the documents, in bytes. */
  readonly bytesMax: number;
  /** Infinity: as many as fit. */
  readonly documentsMax: number;
}

const emptyDocumentLength = 5;

/** By the bytes of the options, which every version of a collection's row shares. */
const known = new WeakMap<Buffer, { readonly capped: CappedLimits | undefined }>();

/** Undefined: the collection is not capped. */
export function cappedLimits({
  options,
}: Pick<CollectionInfo, 'options'>): CappedLimits | undefined {
  if (options.length === emptyDocumentLength) return undefined;
  let meaning = known.get(options);
  if (meaning === undefined) {
    const { capped, size, max } = decodeDocument(options);
    const documentsMax = max === undefined ? Number.POSITIVE_INFINITY : Number(max);
    meaning = { capped: capped === true ? { bytesMax: Number(size), documentsMax } : undefined };
    known.set(options, meaning);
  }
  return meaning.capped;
}

export function isCapped(info: Pick<CollectionInfo, 'options'>): boolean {
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
