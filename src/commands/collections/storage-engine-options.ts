/**
 * `storageEngine` and `indexOptionDefaults` of create. There is one storage engine here, which has no
 * options of this kind: what says nothing is stored and listed as MongoDB does, a setting of WiredTiger
 * is refused, and what is wrong is told.
 */
import { BsonType, decodeDocument, ElementReader, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { NestedFields } from '../dispatch/nested-fields.ts';

const engine = 'wiredTiger';

/** Settings WiredTiger has for a table. */
const settings: ReadonlySet<string> = new Set([
  'access_pattern_hint',
  'allocation_size',
  'app_metadata',
  'block_allocation',
  'block_compressor',
  'cache_resident',
  'checksum',
  'dictionary',
  'encryption',
  'internal_key_truncate',
  'internal_page_max',
  'key_gap',
  'leaf_key_max',
  'leaf_page_max',
  'leaf_value_max',
  'log',
  'memory_page_max',
  'os_cache_dirty_max',
  'os_cache_max',
  'prefix_compression',
  'prefix_compression_min',
  'split_pct',
  'type',
]);

/** What to store, undefined for nothing. */
export function readStorageEngine(body: CommandBody): RawValue | undefined {
  const value = body.optionalDocument('storageEngine');
  return value === undefined || checkEngines('storageEngine', value) === 0 ? undefined : value;
}

export function readIndexOptionDefaults(body: CommandBody): RawValue | undefined {
  const value = body.optionalDocument('indexOptionDefaults');
  if (value === undefined) return undefined;
  const path = `${body.name}.indexOptionDefaults`;
  const inner = new NestedFields(path, value, new Set(['storageEngine'])).optionalDocument(
    'storageEngine',
  );
  if (inner === undefined) return undefined;
  checkEngines('indexOptionDefaults.storageEngine', inner);
  return value;
}

/** How many engines it names. */
function checkEngines(path: string, value: RawValue): number {
  let count = 0;
  const reader = new ElementReader(value.buffer, value.start);
  for (; reader.next(); count++) {
    const name = reader.name();
    if (reader.type !== BsonType.object) {
      throw new MongoServerError('BadValue', `'${path}.${name}' has to be an embedded document.`);
    }
    if (name !== engine) {
      throw new MongoServerError(
        'InvalidOptions',
        `${name} is not a registered storage engine for this server`,
      );
    }
    for (const [key, option] of Object.entries(decodeDocument(value.buffer, reader.start))) {
      checkOption(key, option);
    }
  }
  return count;
}

function checkOption(key: string, option: unknown): void {
  if (key !== 'configString') {
    throw new MongoServerError(
      'InvalidOptions',
      `'${key}' is not a supported option in ${engine} storage engine.`,
    );
  }
  if (typeof option !== 'string') {
    throw new MongoServerError('TypeMismatch', "'configString' must be a string.");
  }
  if (option.includes('\0')) {
    throw new MongoServerError('FailedToParse', "malformed 'configString' value.");
  }
  if (option === '') return;
  const [setting = ''] = option.split(/[=,(]/);
  if (!settings.has(setting.trim())) {
    throw new MongoServerError('BadValue', `unknown configuration key: '${setting}'`);
  }
  throw new MongoServerError(
    'NotImplemented',
    `the setting '${option}' of ${engine} is not implemented`,
  );
}
