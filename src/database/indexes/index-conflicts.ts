/** Whether a new index gets in the way of one that is there. */
import type { CollectionInfo, IndexInfo } from '../../../storage/index.ts';
import { documentText, ElementReader, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { factsOf, implies } from '../../plan/index.ts';
import type { Filter } from '../../query/index.ts';
import { shownIndexes, timeSeriesOf } from '../collections/time-series.ts';
import { indexFromSpec, isIdSpec, keyOf, sameKey } from './index-spec.ts';

/** Options that make two indexes on one key pattern two indexes, which may be there side by side. */
const distinguishing = ['collation', 'sparse', 'unique', 'wildcardProjection'] as const;

/** Options that say nothing of what an index is. */
const passedOver: ReadonlySet<string> = new Set([
  ...distinguishing,
  'partialFilterExpression',
  'key',
  'name',
  'v',
  'background',
  'textIndexVersion',
  '2dsphereIndexVersion',
]);

/** The index that already is what `spec` asks for; throws when one stands in the way. */
export function existingIndex(info: CollectionInfo, spec: Buffer): IndexInfo | undefined {
  // A time series has none on `_id` but those that were asked for.
  if (isIdSpec(spec) && timeSeriesOf(info) === undefined) {
    return info.indexes.find(({ isIdIndex }) => isIdIndex);
  }
  const name = optionsOf(spec).get('name');
  const indexes = shownIndexes(info);
  const namesake = indexes.find((index) => sameOption(optionsOf(index.spec).get('name'), name));
  if (namesake !== undefined) {
    if (!isEquivalent(namesake.spec, spec)) {
      throw conflict(
        'IndexKeySpecsConflict',
        'An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation.',
        spec,
        namesake,
      );
    }
    if (hasSameOptions(namesake.spec, spec)) return namesake;
    throw conflict(
      'IndexOptionsConflict',
      'An equivalent index already exists with the same name but different options.',
      spec,
      namesake,
    );
  }
  const twin = indexes.find((index) => isEquivalent(index.spec, spec));
  if (twin === undefined) return undefined;
  if (hasSameOptions(twin.spec, spec)) {
    throw new MongoServerError(
      'IndexOptionsConflict',
      `Index already exists with a different name: ${twin.name}`,
    );
  }
  throw conflict(
    'IndexOptionsConflict',
    'An equivalent index already exists with a different name and options.',
    spec,
    twin,
  );
}

function conflict(
  code: 'IndexKeySpecsConflict' | 'IndexOptionsConflict',
  message: string,
  spec: Buffer,
  existing: IndexInfo,
): MongoServerError {
  return new MongoServerError(
    code,
    `${message} Requested index: ${documentText(spec, 0)}, existing index: ${documentText(existing.spec, 0)}`,
  );
}

function isEquivalent(a: Buffer, b: Buffer): boolean {
  if (!sameKey(keyOf(a), keyOf(b))) return false;
  const left = optionsOf(a);
  const right = optionsOf(b);
  return (
    distinguishing.every((name) => sameOption(left.get(name), right.get(name))) &&
    isSameFilter(factsOfSpec(a).partialFilter, factsOfSpec(b).partialFilter)
  );
}

/** Filters that match the same documents, as far as it is seen. */
function isSameFilter(a: Filter | undefined, b: Filter | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return implies(a.root, b.root) && implies(b.root, a.root);
}

function factsOfSpec(spec: Buffer): ReturnType<typeof factsOf> {
  return factsOf(indexFromSpec(0, spec));
}

function hasSameOptions(a: Buffer, b: Buffer): boolean {
  const left = optionsOf(a);
  const right = optionsOf(b);
  return [...new Set([...left.keys(), ...right.keys()])].every(
    (name) => passedOver.has(name) || sameOption(left.get(name), right.get(name)),
  );
}

function optionsOf(spec: Buffer): ReadonlyMap<string, RawValue> {
  const options = new Map<string, RawValue>();
  const reader = new ElementReader(spec, 0);
  while (reader.next()) options.set(reader.name(), reader.value());
  return options;
}

function sameOption(a: RawValue | undefined, b: RawValue | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.type === b.type && a.buffer.compare(b.buffer, b.start, b.end, a.start, a.end) === 0;
}
