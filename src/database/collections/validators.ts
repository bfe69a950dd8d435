/**
 * The validator of a collection: what documents must match to be written. The primary asks it before a
 * write; secondaries repeat what was written and ask nothing, so a set whose members were told of a new
 * validator one after the other still holds the same documents.
 */
import type { CollectionInfo } from '../../../storage/index.ts';
import { findField, type RawValue } from '../../bson/index.ts';
import type { LocaleCollation } from '../../collation/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { noVariables, textOf } from '../../expressions/index.ts';
import { explainMismatch, type Filter, parseFilter } from '../../query/index.ts';
import type { Database } from '../database.ts';
import { variablesOf } from '../operation-variables.ts';
import { effectiveCollation } from './collection-collation.ts';
import { splitNamespace } from './namespaces.ts';

/** `moderate`: a document that was invalid already may stay so. */
export type ValidationLevel = 'off' | 'moderate' | 'strict';
export type ValidationAction = 'error' | 'errorAndLog' | 'warn';

interface Validator {
  readonly spec: RawValue;
  /** Undefined: it speaks of the time, and is read anew for each operation. */
  readonly filter: Filter | undefined;
  readonly level: ValidationLevel;
  readonly action: ValidationAction;
}

/** A document that is about to be written. */
export interface Candidate {
  readonly after: Buffer;
  /** Of an update. */
  readonly before?: Buffer;
  /** bypassDocumentValidation. */
  readonly isBypassed: boolean;
}

const emptyDocumentLength = 5;
const builtinNotAvailable = 51144;

/** By the bytes of the options, which every version of a collection's row shares. */
const known = new WeakMap<Buffer, Validator | null>();

function validatorOf(collection: CollectionInfo): Validator | null {
  const { options } = collection;
  if (options.length === emptyDocumentLength) return null;
  let validator = known.get(options);
  if (validator === undefined) {
    validator = readValidator(collection);
    known.set(options, validator);
  }
  return validator;
}

function readValidator(collection: CollectionInfo): Validator | null {
  const { options } = collection;
  const spec = findField(options, 0, 'validator');
  if (spec === undefined || spec.end - spec.start === emptyDocumentLength) return null;
  const level = wordOf(findField(options, 0, 'validationLevel'), 'strict') as ValidationLevel;
  if (level === 'off') return null;
  const action = wordOf(findField(options, 0, 'validationAction'), 'error') as ValidationAction;
  return {
    spec,
    filter: filterWithoutTime(spec, effectiveCollation(undefined, collection)),
    level,
    action,
  };
}

function wordOf(value: RawValue | undefined, otherwise: string): string {
  return value === undefined ? otherwise : textOf(value);
}

function filterWithoutTime(
  { buffer, start }: RawValue,
  collation: LocaleCollation | undefined,
): Filter | undefined {
  try {
    return parseFilter(buffer, start, {
      variables: noVariables.under(collation).withoutFunctions(),
    });
  } catch (error) {
    if (error instanceof MongoServerError && error.code === builtinNotAvailable) return undefined;
    throw error;
  }
}

/** Throws DocumentValidationFailure, or reports, when the collection's validator says no. */
export function validate(
  database: Database,
  collection: CollectionInfo,
  candidate: Candidate,
): void {
  const validator = validatorOf(collection);
  if (validator === null || candidate.isBypassed) return;
  const { spec, level, action } = validator;
  const filter =
    validator.filter ?? filterNow(database, spec, effectiveCollation(undefined, collection));
  const { after, before } = candidate;
  if (filter.matches(after, 0)) return;
  if (level === 'moderate' && before !== undefined && !filter.matches(before, 0)) return;
  const errInfo = {
    failingDocumentId: findField(after, 0, '_id'),
    details: explainMismatch(filter.root, after, 0),
  };
  if (action !== 'error') database.onInvalidDocument?.(collection.namespace, after, errInfo);
  if (action === 'warn') return;
  throw new MongoServerError('DocumentValidationFailure', 'Document failed validation', {
    fields: { errInfo },
  });
}

function filterNow(
  database: Database,
  { buffer, start }: RawValue,
  collation: LocaleCollation | undefined,
): Filter {
  return parseFilter(buffer, start, {
    variables: variablesOf(database, undefined, collation).withoutFunctions(),
  });
}

const internalDatabases: ReadonlySet<string> = new Set(['admin', 'config', 'local']);

/** Throws for a validator that no collection, or not this one, may have. */
export function checkValidator(database: Database, namespace: string, spec: RawValue): void {
  if (spec.end - spec.start === emptyDocumentLength) return;
  const { database: name, collection } = splitNamespace(namespace);
  if (internalDatabases.has(name)) {
    throw new MongoServerError(
      'InvalidOptions',
      `Document validators are not allowed on collection ${namespace} in the ${name} internal database`,
    );
  }
  if (collection.startsWith('system.')) {
    throw new MongoServerError(
      'InvalidOptions',
      `Document validators not allowed on system collection ${namespace}`,
    );
  }
  filterNow(database, spec, undefined);
}
