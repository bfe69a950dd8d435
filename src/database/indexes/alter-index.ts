/** collMod of an index: what its specification says is changed, its keys stay as they are. */
import { Long } from 'bson';
import {
  type CollectionInfo,
  getRecord,
  type IndexInfo,
  scanIndex,
} from '../../../storage/index.ts';
import {
  DocumentWriter,
  decodeDocument,
  ElementReader,
  findField,
  valueText,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { factsOf } from '../../plan/index.ts';
import { isClustered } from '../collections/collection-options.ts';
import { existingCollection } from '../collections/collections.ts';
import { respecifyIndexIn } from '../collections/definitions.ts';
import { shownIndexes } from '../collections/time-series.ts';
import type { Database } from '../database.ts';
import { inSlices } from '../in-slices.ts';
import type { OperationContext } from '../operation-context.ts';
import type { Writer } from '../writes/writer.ts';
import { indexesWithKey, keyOf } from './index-spec.ts';
import { checkMayHide } from './indexes.ts';

/** One index: its name, or its key pattern as a document `{key: pattern, name: ''}`. */
export type IndexIdentifier = string | Buffer;

export interface IndexAlteration {
  /** A whole number from 0 to 2^31 - 1. */
  readonly expireAfterSeconds?: number | undefined;
  readonly hidden?: boolean | undefined;
  readonly unique?: true | undefined;
  readonly prepareUnique?: boolean | undefined;
}

/** What was and what is, as collMod answers: `hidden_old`, `hidden_new` ... */
export type AlterationReply = Readonly<Record<string, boolean | Long>>;

/** Keys that stand for several documents: so many are named. */
const namedViolationsMax = 1000;

/**
 * Alters an index, or tells with `isDryRun` whether it can become unique. Throws IndexNotFound,
 * AmbiguousIndexKeyPattern, InvalidOptions, BadValue, CannotConvertIndexToUnique.
 */
export async function alterIndex(
  database: Database,
  operation: OperationContext,
  namespace: string,
  identifier: IndexIdentifier,
  alteration: IndexAlteration,
  isDryRun = false,
): Promise<AlterationReply> {
  const { info, index } = identifiedIndex(database, namespace, identifier);
  if (planned(index, alteration).becomesUnique) {
    // Nobody adds a duplicate meanwhile: it is prepared.
    await refuseDuplicates(database, operation, info, index);
  }
  if (isDryRun) return {};
  const { result } = await database.write(operation, namespace, (writer) => {
    const found = identifiedIndex(writer, namespace, identifier);
    if (alteration.hidden !== undefined) checkMayHide(namespace);
    const { fields, reply, becomesUnique } = planned(found.index, alteration);
    if (becomesUnique && found.index.spec !== index.spec) throw notPrepared();
    if (fields.size > 0) {
      respecifyIndexIn(writer, found.info, found.index, withFields(found.index.spec, fields));
    }
    return reply;
  });
  return result;
}

/** A key pattern does not mean the index a collection is clustered by, its name does. */
function withoutClustered(info: CollectionInfo): readonly IndexInfo[] {
  return isClustered(info) ? info.indexes.slice(1) : shownIndexes(info);
}

/** The index that is meant, for whoever only asks. */
function identifiedIndex(
  { catalog }: Pick<Writer, 'catalog'>,
  namespace: string,
  identifier: IndexIdentifier,
) {
  const info = existingCollection(catalog, namespace);
  const found =
    typeof identifier === 'string'
      ? shownIndexes(info).filter(({ name }) => name === identifier)
      : indexesWithKey(withoutClustered(info), identifier);
  const [index, other] = found;
  const shown = typeof identifier === 'string' ? identifier : valueText(keyOf(identifier));
  if (index === undefined) {
    throw new MongoServerError('IndexNotFound', `cannot find index ${shown} for ns ${namespace}`);
  }
  if (other !== undefined) {
    throw new MongoServerError(
      'AmbiguousIndexKeyPattern',
      `index keyPattern ${shown} matches ${found.length} indexes, must use index name. Conflicting indexes:${textOf(index)}, ${textOf(other)}`,
    );
  }
  return { info, index };
}

function textOf({ spec }: IndexInfo): string {
  return valueText({ buffer: spec, type: 3, start: 0, end: spec.length });
}

interface PlannedAlteration {
  /** Fields of the specification, undefined for those to be taken away. */
  readonly fields: ReadonlyMap<string, true | number | undefined>;
  readonly reply: AlterationReply;
  readonly becomesUnique: boolean;
}

/** What an alteration means for an index as it is; throws when it cannot be. */
function planned(index: IndexInfo, alteration: IndexAlteration): PlannedAlteration {
  const { isHidden, isUnique, isPreparedUnique } = factsOf(index);
  const { expireAfterSeconds, hidden, unique, prepareUnique } = alteration;
  const fields = new Map<string, true | number | undefined>();
  const reply: Record<string, boolean | Long> = {};
  if (expireAfterSeconds !== undefined) {
    const before = checkTimeToLive(index);
    fields.set('expireAfterSeconds', expireAfterSeconds);
    if (before !== undefined) reply.expireAfterSeconds_old = Long.fromNumber(before);
    reply.expireAfterSeconds_new = Long.fromNumber(expireAfterSeconds);
  }
  const becomesUnique = unique === true && !isUnique;
  if (becomesUnique) {
    if (!isPreparedUnique) throw notPrepared();
    fields.set('unique', true);
    fields.set('prepareUnique', undefined);
    reply.unique_new = true;
  }
  if (hidden !== undefined) {
    if (factsOf(index).isClustered) {
      throw new MongoServerError(
        6011800,
        "The 'hidden' option is not supported for a clustered index",
      );
    }
    if (index.isIdIndex) throw new MongoServerError('BadValue', "can't hide _id index");
    if (hidden !== isHidden) {
      fields.set('hidden', hidden || undefined);
      reply.hidden_old = isHidden;
      reply.hidden_new = hidden;
    }
  }
  if (prepareUnique !== undefined && prepareUnique !== isPreparedUnique && !isUnique) {
    if (Object.values(alteration).filter((change) => change !== undefined).length > 1) {
      throw invalid('prepareUnique cannot be combined with any other modification.');
    }
    fields.set('prepareUnique', prepareUnique || undefined);
    reply.prepareUnique_old = isPreparedUnique;
    reply.prepareUnique_new = prepareUnique;
  }
  return { fields, reply, becomesUnique };
}

function invalid(message: string): MongoServerError {
  return new MongoServerError('InvalidOptions', message);
}

function notPrepared(): MongoServerError {
  return invalid(
    "Cannot make index unique with 'prepareUnique=false'. Run collMod to set it first.",
  );
}

/** Seconds so far; undefined: it had no time to live. */
function checkTimeToLive(index: IndexInfo): number | undefined {
  const { expireAfterSeconds, kind } = factsOf(index);
  if (expireAfterSeconds !== undefined) return expireAfterSeconds;
  if (index.isIdIndex) throw invalid('the _id field does not support TTL indexes');
  if (index.keyPattern.length > 1 || !kind.hasTimeToLive) {
    throw invalid('TTL indexes are single-field indexes, compound indexes do not support TTL');
  }
  return undefined;
}

/** The specification with these fields, new ones last. */
function withFields(spec: Buffer, fields: ReadonlyMap<string, true | number | undefined>): Buffer {
  const writer = new DocumentWriter();
  writer.startDocument();
  const reader = new ElementReader(spec, 0);
  while (reader.next()) {
    const name = reader.name();
    if (!fields.has(name)) writer.raw(name, reader.value());
    else writeField(writer, name, fields.get(name));
  }
  for (const [name, value] of fields) {
    if (findField(spec, 0, name) === undefined) writeField(writer, name, value);
  }
  writer.end();
  return writer.finish();
}

function writeField(writer: DocumentWriter, name: string, value: true | number | undefined): void {
  if (value === true) writer.bool(name, true);
  else if (value !== undefined) writer.int32(name, value);
}

/** Throws CannotConvertIndexToUnique with the `_id`s of documents that share a key. */
async function refuseDuplicates(
  database: Database,
  operation: OperationContext,
  info: CollectionInfo,
  index: IndexInfo,
): Promise<void> {
  const snapshot = database.engine.snapshot();
  const violations: number[][] = [];
  let sharing: number[] = [];
  let last: Buffer | undefined;
  const keyEnds = (): void => {
    if (sharing.length > 1 && violations.length < namedViolationsMax) violations.push(sharing);
  };
  try {
    const cursor = scanIndex(snapshot, index);
    try {
      await inSlices(operation, () => {
        if (!cursor.next()) return false;
        if (last?.equals(cursor.keyString) === true) sharing.push(cursor.recordId);
        else {
          keyEnds();
          sharing = [cursor.recordId];
          last = Buffer.from(cursor.keyString);
        }
        return true;
      });
    } finally {
      cursor.close();
    }
    keyEnds();
    if (violations.length === 0) return;
    const idOf = (recordId: number): unknown =>
      decodeDocument(getRecord(snapshot, info, recordId) as Buffer)._id;
    throw new MongoServerError(
      'CannotConvertIndexToUnique',
      'Cannot convert the index to unique. Please resolve conflicting documents before running collMod again.',
      { fields: { violations: violations.map((ids) => ({ ids: ids.map(idOf) })) } },
    );
  } finally {
    snapshot.close();
  }
}
