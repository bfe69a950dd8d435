/** Indexes come and go: those of a small collection at once, those of a big one by a build. */
import {
  type CollectionInfo,
  type CommitQuorum,
  type IndexInfo,
  readStat,
  type WriteTransaction,
} from '../../../storage/index.ts';
import {
  documentText,
  ElementReader,
  encodeDocument,
  findField,
  isSameCollation,
  type RawValue,
  valueText,
} from '../../bson/index.ts';
import { parseCollation } from '../../collation/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { factsOf } from '../../plan/index.ts';
import { defaultCollation } from '../collections/collection-collation.ts';
import { indexCount } from '../collections/collection-options.ts';
import {
  createCollectionIn,
  createIndexIn,
  dropIndexIn,
  startBuildIn,
} from '../collections/definitions.ts';
import { checkCreatable, splitNamespace } from '../collections/namespaces.ts';
import { shownIndexes, timeSeriesOf } from '../collections/time-series.ts';
import type { Database } from '../database.ts';
import type { OperationContext } from '../operation-context.ts';
import type { Writer } from '../writes/writer.ts';
import { buildOf, type IndexBuild, otherBuildIsOver, runBuild } from './index-builds.ts';
import { existingIndex } from './index-conflicts.ts';
import { indexesWithKey, indexFromSpec, isIdSpec } from './index-spec.ts';
import { checkCollation, normalizeSpec } from './normalize-index-spec.ts';
import { checkTimeSeriesIndex } from './time-series-indexes.ts';

const indexesPerCollectionMax = 64;
/** Up to so many documents and bytes an index is created in one body. */
const oneBodyDocuments = 500;
const oneBodyBytes = 1024 * 1024;

export interface CreatedIndexes {
  readonly before: number;
  readonly after: number;
  readonly createdCollection: boolean;
}

export interface CreateIndexesOptions {
  readonly ignoresUnknown?: boolean;
  /** Who must have built the indexes before they are ready; undefined or 0: this member. */
  readonly quorum?: CommitQuorum | undefined;
}

/**
 * All of `requests` or none: a command that fails, at once or late in a long build, leaves no index
 * behind. While one of them is being built for somebody else, waits, and then looks again: if that
 * build has failed, this command builds for itself and meets what there is to meet.
 */
export async function createIndexes(
  database: Database,
  operation: OperationContext,
  namespace: string,
  requests: readonly RawValue[],
  { ignoresUnknown = false, quorum }: CreateIndexesOptions = {},
): Promise<CreatedIndexes> {
  const asked = requests.map((request) => ({
    spec: normalizeSpec(request, ignoresUnknown),
    namesCollation: findField(request.buffer, request.start, 'collation') !== undefined,
  }));
  for (;;) {
    const { result } = await database.write(operation, namespace, (writer) =>
      beginIndexes(database, writer, namespace, asked, quorum === 0 ? undefined : quorum),
    );
    if ('other' in result) {
      await otherBuildIsOver(database, operation, result.other);
      continue;
    }
    if (result.build.indexIds.length > 0) await runBuild(database, operation, result.build);
    return result;
  }
}

/** Creates what can be created at once and starts the build of the rest, or finds another's build. */
function beginIndexes(
  database: Database,
  writer: Writer,
  namespace: string,
  asked: readonly AskedIndex[],
  quorum: CommitQuorum | undefined,
): (CreatedIndexes & { readonly build: IndexBuild }) | { readonly other: IndexBuild } {
  let info = writer.catalog.byNamespace(namespace);
  const createdCollection = info === undefined;
  if (info === undefined) {
    checkCreatable(namespace);
    info = createCollectionIn(writer, namespace, database.newUuid());
  }
  const collection = info;
  const specs = asked.map((one) => withDefaultCollation(one, collection));
  for (const spec of specs) {
    const existing = existingIndex(info, spec);
    if (existing?.state === 'building') return { other: buildOf(info, existing) };
  }
  const before = indexCount(info);
  const series = timeSeriesOf(info);
  const started: number[] = [];
  for (const spec of specs) {
    if (existingIndex(info, spec) !== undefined) continue;
    if (series !== undefined) checkTimeSeriesIndex(series, spec);
    if (factsOf(indexFromSpec(0, spec)).isHidden) checkMayHide(namespace);
    checkOnlyText(info, spec);
    if (shownIndexes(info).length >= indexesPerCollectionMax) {
      throw new MongoServerError(
        'CannotCreateIndex',
        `add index fails, too many indexes for ${namespace} key:${valueText(findField(spec, 0, 'key')!)}`,
      );
    }
    if (isBuiltAtOnce(writer.transaction, info, quorum)) createIndexIn(writer, info, spec);
    else started.push(startBuildIn(writer, info, spec, started[0], quorum));
    info = writer.catalog.byId(info.id) as CollectionInfo;
  }
  const build = { namespace, collectionId: info.id, indexIds: started };
  return { before, after: indexCount(info), createdCollection, build };
}

/** A `$text` names no index. */
function checkOnlyText({ indexes }: CollectionInfo, spec: Buffer): void {
  const isText = (one: Pick<IndexInfo, 'spec' | 'keyPattern'>) => factsOf(one).kind.name === 'text';
  const other = indexes.find(isText);
  if (other === undefined || !isText(indexFromSpec(0, spec))) return;
  throw new MongoServerError(
    'CannotCreateIndex',
    `only one text index per collection allowed, found existing text index "${other.name}"`,
  );
}

/** The server reads its own collections by their indexes. */
export function checkMayHide(namespace: string): void {
  if (!splitNamespace(namespace).collection.startsWith('system.')) return;
  throw new MongoServerError('BadValue', "Can't hide index on system collection");
}

interface AskedIndex {
  readonly spec: Buffer;
  /** With any, also the simple one, which is not in the specification. */
  readonly namesCollation: boolean;
}

/** An index that names no collation has that of its collection; the `_id` index must have it. */
function withDefaultCollation(
  { spec, namesCollation }: AskedIndex,
  collection: CollectionInfo,
): Buffer {
  const collation = defaultCollation(collection);
  if (!namesCollation && collation !== undefined) {
    const collated = encodeDocument({ ...fieldsOf(spec), collation: collation.document });
    checkCollation(collated);
    return collated;
  }
  if (namesCollation && isIdSpec(spec)) {
    const given = findField(spec, 0, 'collation');
    const own = (given && parseCollation(given)) ?? undefined;
    if (!isSameCollation(own, collation)) {
      throw new MongoServerError(
        'BadValue',
        `The _id index must have the same collation as the collection. Index collation: ${given === undefined ? '{ locale: "simple" }' : valueText(given)}, collection collation: ${collation === undefined ? '{ locale: "simple" }' : documentText(collation.bytes, 0)}`,
      );
    }
  }
  return spec;
}

function fieldsOf(document: Buffer): Record<string, RawValue> {
  const fields: Record<string, RawValue> = {};
  const reader = new ElementReader(document, 0);
  while (reader.next()) fields[reader.name()] = reader.value();
  return fields;
}

/** A small collection, unless others must have built the index first; of nothing there is nothing to build. */
function isBuiltAtOnce(
  transaction: WriteTransaction,
  info: CollectionInfo,
  quorum: CommitQuorum | undefined,
): boolean {
  const { count, bytes } = readStat(transaction, info.id);
  if (quorum !== undefined && count > 0) return false;
  return count <= oneBodyDocuments && bytes <= oneBodyBytes;
}

// -- drop -----------------------------------------------------------------------------------------

/** Which indexes to drop: '*', a name, names, or a key pattern (BSON). */
export type IndexSelection = string | readonly string[] | Buffer;

/** Returns how many indexes there were. */
export async function dropIndexes(
  database: Database,
  operation: OperationContext,
  namespace: string,
  selection: IndexSelection,
): Promise<number> {
  const { result } = await database.remove(operation, namespace, (writer) => {
    const info = writer.catalog.byNamespace(namespace);
    if (info === undefined) {
      throw new MongoServerError('NamespaceNotFound', `ns not found ${namespace}`);
    }
    for (const index of selected(info, selection)) {
      const newest = writer.catalog.byId(info.id) as CollectionInfo;
      dropIndexIn(writer, newest, index);
    }
    return indexCount(info);
  });
  return result;
}

function selected(info: CollectionInfo, selection: IndexSelection): IndexInfo[] {
  if (selection === '*' || (selection.length === 1 && selection[0] === '*')) {
    return shownIndexes(info).filter(({ isIdIndex }) => !isIdIndex);
  }
  if (Buffer.isBuffer(selection)) {
    const found = indexesWithKey(shownIndexes(info), selection);
    if (found.length === 0) {
      throw new MongoServerError(
        'IndexNotFound',
        `can't find index with key: ${valueText(findField(selection, 0, 'key')!)}`,
      );
    }
    const [first, second] = found;
    if (first !== undefined && second !== undefined) {
      throw new MongoServerError(
        'AmbiguousIndexKeyPattern',
        `${found.length} indexes found for key: ${valueText(findField(selection, 0, 'key')!)}, identify by name instead. Conflicting indexes: ${documentText(first.spec, 0)}, ${documentText(second.spec, 0)}`,
      );
    }
    return found.map(refuseIdIndex);
  }
  const names = typeof selection === 'string' ? [selection] : selection;
  return names.map((name, at) => {
    const index = shownIndexes(info).find(
      (candidate) => candidate.name === name && names.indexOf(name) === at,
    );
    if (index === undefined) {
      throw new MongoServerError('IndexNotFound', `index not found with name [${name}]`);
    }
    return refuseIdIndex(index);
  });
}

function refuseIdIndex(index: IndexInfo): IndexInfo {
  if (!index.isIdIndex) return index;
  if (factsOf(index).isClustered) {
    throw new MongoServerError(
      5979800,
      'Cannot drop the clustered index. Try dropping the collection instead.',
    );
  }
  throw new MongoServerError('InvalidOptions', 'cannot drop _id index');
}
