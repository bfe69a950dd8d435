/**
 * The statements of `bulkWrite`: insert, update and delete into any collections, read from `ops`
 * and `nsInfo`. Fields other than the first have the meaning they have in insert, update and delete.
 */
import { BsonType, ElementReader, findField, type RawValue } from '../../bson/index.ts';
import { checkNamespace } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { readCollation } from '../dispatch/collation-option.ts';
import { NestedFields } from '../dispatch/nested-fields.ts';
import type { DeleteFields } from './delete.ts';
import { type UpdateFields, updateFieldsOf } from './update.ts';

/** One of `nsInfo`. */
export interface BulkTarget {
  readonly namespace: string;
  /** What the collection must have: see `checkCollectionUuid`. */
  readonly uuid: Buffer | undefined;
}

export type BulkStatement =
  | { readonly kind: 'insert'; readonly target: BulkTarget; readonly document: RawValue }
  | { readonly kind: 'update'; readonly target: BulkTarget; readonly fields: UpdateFields }
  | { readonly kind: 'delete'; readonly target: BulkTarget; readonly fields: DeleteFields };

const namespaceFields = new Set(['ns', 'collectionUUID']);

const statementFields = {
  insert: new Set(['insert', 'document']),
  update: new Set([
    'arrayFilters',
    'collation',
    'constants',
    'filter',
    'hint',
    'multi',
    'sort',
    'update',
    'updateMods',
    'upsert',
  ]),
  delete: new Set(['collation', 'delete', 'filter', 'hint', 'multi']),
} as const;

export function readTargets(documents: readonly RawValue[]): BulkTarget[] {
  return documents.map((document) => {
    const nested = new NestedFields('bulkWrite.nsInfo', document, namespaceFields);
    const namespace = nested.requireString('ns');
    checkNamespace(namespace);
    return { namespace, uuid: nested.optionalUuid('collectionUUID') };
  });
}

export function readStatement(
  document: RawValue,
  index: number,
  targets: readonly BulkTarget[],
): BulkStatement {
  const reader = new ElementReader(document.buffer, document.start);
  const kind = reader.next() ? reader.name() : '';
  if (kind === '') {
    throw new MongoServerError('FailedToParse', 'A bulkWrite operation has no type');
  }
  if (kind !== 'insert' && kind !== 'update' && kind !== 'delete') {
    throw new MongoServerError(40415, `BSON field 'bulkWrite.ops.${kind}' is an unknown field.`);
  }
  refuseNull(document, 'hint', 'Hint must be a string or an object');
  refuseNull(document, 'updateMods', 'Update argument must be either an object or an array');
  const nested = new NestedFields(`bulkWrite.ops.${kind}`, document, statementFields[kind]);
  const target = targets[nested.optionalNumber(kind) ?? nested.missing(kind)];
  if (target === undefined) {
    throw new MongoServerError(
      'BadValue',
      `BulkWrite ${kind} entry ${index} has an invalid nsInfo index.`,
    );
  }
  switch (kind) {
    case 'insert':
      return { kind, target, document: nested.requireDocument('document') };
    case 'update':
      return {
        kind,
        target,
        fields: updateFieldsOf(nested, {
          filter: 'filter',
          update: 'updateMods',
          constants: 'constants',
        }),
      };
    case 'delete':
      return {
        kind,
        target,
        fields: {
          filter: nested.requireDocument('filter'),
          multi: nested.optionalStrictBool('multi') ?? false,
          hint: nested.optionalHint(),
          collation: readCollation(nested),
        },
      };
  }
}

/** Here null is a value of the wrong type, and not, as in `update` and `delete`, none. */
function refuseNull({ buffer, start }: RawValue, field: string, message: string): void {
  if (findField(buffer, start, field)?.type !== BsonType.null) return;
  throw new MongoServerError('FailedToParse', message);
}
