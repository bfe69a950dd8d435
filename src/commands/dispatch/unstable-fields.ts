/** Fields of commands of the Stable API that are not in version 1 themselves (manual: "Stable API", by command). */
import { BsonType, ElementReader, findField, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { CommandBody } from './command-body.ts';
import { arrayValues, textOf } from './field-values.ts';

const unstableFields: Readonly<Record<string, readonly string[]>> = {
  create: ['autoIndexId', 'capped', 'indexOptionDefaults', 'max', 'size', 'storageEngine'],
  find: [
    'awaitData',
    'max',
    'min',
    'noCursorTimeout',
    'oplogReplay',
    'returnKey',
    'showRecordId',
    'tailable',
  ],
  listIndexes: ['includeBuildUUIDs', 'includeIndexBuildInfo'],
};

const unstableIndexOptions = ['background', 'bucketSize', 'sparse', 'storageEngine'];
const unstableIndexTypes: ReadonlySet<string> = new Set(['geoHaystack', 'text']);

/** Of a command with apiStrict. */
export function checkUnstableFields(body: CommandBody, commandName: string): void {
  const fields = unstableFields[commandName];
  if (fields !== undefined) {
    const unstable = fields.find((field) => body.has(field));
    if (unstable !== undefined) throw body.unstableField(unstable);
  }
  if (commandName === 'createIndexes') checkIndexes(body);
}

function checkIndexes(body: CommandBody): void {
  const indexes = body.value('indexes');
  if (indexes?.type !== BsonType.array) return;
  for (const spec of arrayValues(indexes)) {
    if (spec.type !== BsonType.object) continue;
    for (const option of unstableIndexOptions) {
      if (findField(spec.buffer, spec.start, option) === undefined) continue;
      throw body.unstableField(`indexes.${option}`);
    }
    const key = findField(spec.buffer, spec.start, 'key');
    if (key?.type === BsonType.object) checkKey(key);
  }
}

function checkKey(key: RawValue): void {
  const reader = new ElementReader(key.buffer, key.start);
  while (reader.next()) {
    if (reader.type !== BsonType.string) continue;
    const type = textOf(reader.value());
    if (!unstableIndexTypes.has(type)) continue;
    throw new MongoServerError(
      'APIStrictError',
      `Provided apiStrict:true, but the index type '${type}' is not in API Version 1`,
    );
  }
}
