import { ObjectId } from 'bson';
import type { MergeTarget } from '../../../aggregation/index.ts';
import { BsonType, DocumentWriter, findField, type RawValue } from '../../../bson/index.ts';
import {
  effectiveCollation,
  insertMany,
  type ParsedUpdate,
  runUpdate,
} from '../../../database/index.ts';
import { MongoServerError } from '../../../errors/index.ts';
import { noVariables } from '../../../expressions/index.ts';
import { parseFilter } from '../../../query/index.ts';
import type { CommandContext } from '../../command.ts';
import type { Aggregate } from '../aggregate.ts';
import { runStatements } from '../run-statements.ts';
import { supportingIndex } from './supporting-index.ts';
import type { BatchWriter } from './write-output.ts';

/**
 * Writes the documents of a `$merge` in their order, each by itself: one that cannot be written holds up
 * no other of its batch, whose first error ends the command.
 */
export function mergeInto(
  target: MergeTarget,
  namespace: string,
  request: Aggregate,
  context: CommandContext,
): BatchWriter {
  const { database, operation } = context;
  const { catalog } = database;
  const collation = effectiveCollation(request.collation, catalog.byNamespace(request.namespace));
  const { isSparse } = supportingIndex(catalog.byNamespace(namespace), target.on, collation);
  const { bypassValidation } = request;
  const statementOf = (document: RawValue): ParsedUpdate => {
    const own = withOwnId(document, target.on);
    const filterSpec = filterOn(own, target.on, isSparse);
    const variables = noVariables.under(collation);
    return {
      namespace,
      filterSpec,
      filter: parseFilter(filterSpec.buffer, filterSpec.start, { variables, place: 'query' }),
      update: target.updateFor(own)!,
      multi: false,
      upsert: target.whenNotMatched === 'insert',
      upsertDocument: target.whenMatched === 'pipeline' ? own : undefined,
      bypassValidation,
    };
  };
  if (target.whenMatched === 'fail') {
    return async (documents) => {
      const inserted = documents.map((document) => {
        const own = withOwnId(document, target.on);
        filterOn(own, target.on, isSparse);
        return { buffer: own, type: BsonType.object, start: 0, end: own.length };
      });
      const { writeErrors } = await insertMany(database, operation, {
        namespace,
        documents: inserted,
        ordered: false,
        bypassValidation,
      });
      throwFirst(writeErrors);
    };
  }
  return async (documents) => {
    const statements = documents.map(statementOf);
    for (let first = 0, errors: Failure[] = []; ; ) {
      const { outcomes, writeErrors } = await runStatements(
        statements.length - first,
        { ordered: true },
        (at, place) => runUpdate(database, operation, statements[first + at]!, { place }),
      );
      errors = [...errors, ...writeErrors];
      const isMissed = outcomes.some((outcome) => outcome?.matched === 0);
      if (target.whenNotMatched === 'fail' && isMissed) {
        throw new MongoServerError(
          13113,
          '$merge could not find a matching document in the target collection for at least one document in the source collection',
        );
      }
      const failed = writeErrors[0];
      if (failed !== undefined) first += failed.index + 1;
      if (failed === undefined || first === statements.length) return throwFirst(errors);
    }
  };
}

interface Failure {
  readonly code: number;
  readonly errmsg: string;
  readonly [field: string]: unknown;
}

const immutableField = 66;

function throwFirst([first]: readonly Failure[]): void {
  if (first === undefined) return;
  const { code, errmsg, index: _, ...fields } = first;
  if (code !== immutableField) throw new MongoServerError(code, errmsg, { fields });
  throw new MongoServerError(
    code,
    `$merge failed to update the matching document, did you attempt to modify the _id or the shard key? :: caused by :: ${errmsg}`,
  );
}

/** A copy; where documents are found by `_id`, one without gets one. */
function withOwnId({ buffer, start, end }: RawValue, on: readonly string[]): Buffer {
  if (!on.includes('_id') || findField(buffer, start, '_id') !== undefined) {
    return Buffer.from(buffer.subarray(start, end));
  }
  const writer = new DocumentWriter();
  writer.startDocument();
  writer.objectId('_id', new ObjectId().id);
  writer.element(buffer, start + 4, end - 1);
  writer.end();
  return writer.finish();
}

/** `{path: {$eq: value}, ...}`; a missing value is null, unless the index knows none. */
function filterOn(document: Buffer, on: readonly string[], isSparse: boolean): RawValue {
  const writer = new DocumentWriter();
  writer.startDocument();
  for (const path of on) {
    const value = valueAt(document, path);
    if (value?.type === BsonType.array) {
      throw new MongoServerError(51185, `$merge write error: 'on' field '${path}' is an array`);
    }
    const isNullish =
      value === undefined || value.type === BsonType.null || value.type === BsonType.undefined;
    if (isNullish && isSparse) {
      throw new MongoServerError(
        51132,
        `$merge write error: 'on' field '${path}' cannot be missing, null or undefined if supporting index is sparse`,
      );
    }
    writer.startObject(path);
    if (value === undefined) writer.null('$eq');
    else writer.raw('$eq', value);
    writer.endObject();
  }
  writer.end();
  const buffer = writer.finish();
  return { buffer, type: BsonType.object, start: 0, end: buffer.length };
}

/** Through documents only. */
function valueAt(document: Buffer, path: string): RawValue | undefined {
  const [first, ...rest] = path.split('.');
  let value = findField(document, 0, first!);
  for (const name of rest) {
    if (value?.type === BsonType.array) return value;
    value = value?.type === BsonType.object ? findField(document, value.start, name) : undefined;
  }
  return value;
}
