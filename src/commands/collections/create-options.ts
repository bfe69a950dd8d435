/** What `create` says about the new collection, checked, as it is stored and listed. */
import type { RawValue } from '../../bson/index.ts';
import { type LocaleCollation, parseCollation } from '../../collation/index.ts';
import { type CollectionOptions, encodeOptions, type TimeSeries } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { NestedFields } from '../dispatch/nested-fields.ts';
import { cappedMax, cappedSize } from './capped-options.ts';
import { readClusteredIndex } from './clustered-index.ts';
import { readExpireAfter } from './expire-after.ts';
import { readIndexOptionDefaults, readStorageEngine } from './storage-engine-options.ts';
import {
  readValidatorOptions,
  type ValidatorOptions,
  validatorFields,
} from './validator-options.ts';

/** Fields of `create` that this reads. */
export const collectionOptionFields = [
  'capped',
  'size',
  'max',
  'changeStreamPreAndPostImages',
  'clusteredIndex',
  'expireAfterSeconds',
  'indexOptionDefaults',
  'storageEngine',
  'collation',
  ...validatorFields,
] as const;

/** BSON. */
export function readCollectionOptions(
  body: CommandBody,
  timeseries: TimeSeries | undefined,
): Buffer {
  const clusteredIndex = readClusteredIndex(body);
  return encodeOptions({
    ...readCapped(body),
    ...storedValidator(readValidatorOptions(body)),
    timeseries,
    clusteredIndex,
    storageEngine: readStorageEngine(body),
    indexOptionDefaults: readIndexOptionDefaults(body),
    expireAfterSeconds: readExpireAfter(body, (clusteredIndex ?? timeseries) !== undefined),
    changeStreamPreAndPostImages: readPreImages(body) === true ? { enabled: true } : undefined,
    collation: readDefaultCollation(body)?.document,
  });
}

/** Of a collection or view; the simple one is not kept. */
export function readDefaultCollation(body: CommandBody): LocaleCollation | undefined {
  const value = body.optionalDocument('collation');
  return (value && parseCollation(value)) ?? undefined;
}

/** An empty validator is none. */
export function storedValidator({ validator, ...how }: ValidatorOptions): CollectionOptions {
  return { validator: validator && !isEmpty(validator) ? validator : undefined, ...how };
}

function isEmpty(document: RawValue): boolean {
  return document.end - document.start === 5;
}

function readCapped(body: CommandBody): CollectionOptions {
  const isCapped = body.optionalBool('capped') ?? false;
  const size = cappedSize(body, 'size');
  const max = cappedMax(body, 'max');
  if (isCapped && size === undefined) {
    throw invalid("the 'size' field is required when 'capped' is true");
  }
  if (!isCapped && (size !== undefined || max !== undefined)) {
    throw invalid(
      "the 'capped' field needs to be true when either the 'size' or 'max' fields are present",
    );
  }
  if (!isCapped) return {};
  return { capped: true, size, max };
}

/** Also of collMod. Whether change streams may show documents as they were. */
export function readPreImages(body: CommandBody): boolean | undefined {
  const value = body.optionalDocument('changeStreamPreAndPostImages');
  if (value === undefined) return undefined;
  const path = `${body.name}.changeStreamPreAndPostImages`;
  const nested = new NestedFields(path, value, new Set(['enabled']));
  return nested.optionalStrictBool('enabled') ?? nested.missing('enabled');
}

function invalid(message: string): MongoServerError {
  return new MongoServerError('InvalidOptions', message);
}
