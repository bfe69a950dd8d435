import { BsonType, findField, type RawValue } from '../../bson/index.ts';
import { shownIndexes, splitNamespace, viewsOf } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { factsOf } from '../../plan/index.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { stageBeyondVersionOne } from '../dispatch/api-version.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { NestedFields } from '../dispatch/nested-fields.ts';

interface ValidateMetadata {
  /** Undefined: all databases. */
  readonly database: string | undefined;
  /** Undefined: all collections. */
  readonly collection: string | undefined;
  /** What the catalog has is compared with version 1 of the Stable API. */
  readonly isStrict: boolean;
}

interface ApiVersionError {
  readonly ns: string;
  readonly code: number;
  readonly codeName: string;
  readonly errmsg: string;
}

const parameterFields: ReadonlySet<string> = new Set(['version', 'strict', 'deprecationErrors']);

/** Errors a reply has at most: they all fit then, whatever their names. */
const errorsMax = 10_000;

/** Manual: validateDBMetadata. */
export const validateDbMetadata = defineCommand<ValidateMetadata>({
  name: 'validateDBMetadata',
  help: 'Tells which indexes and views are not in a version of the Stable API.',
  access: 'read',
  runsOn: 'secondaryOk',
  supportsReadConcern: false,
  parse(body) {
    body.rejectUnknown(['apiParameters', 'db', 'collection']);
    const { version, strict } = readParameters(body);
    const database = body.optionalString('db');
    const collection = body.optionalString('collection');
    if (database !== undefined) checkDatabase(database);
    if (collection !== undefined) checkCollection(database, collection);
    return { database, collection, isStrict: strict && version === '1' };
  },
  run(request, context) {
    const errors = request.isStrict ? [...errorsOf(request, context)] : [];
    return {
      apiVersionErrors: errors.slice(0, errorsMax),
      ...(errors.length > errorsMax ? { hasMoreErrors: true } : {}),
    };
  },
});

function readParameters(body: CommandBody): { version: string; strict: boolean } {
  const value = body.optionalDocument('apiParameters');
  const path = `${body.name}.apiParameters`;
  if (value === undefined) {
    throw new MongoServerError(40414, `BSON field '${path}' is missing but a required field`);
  }
  const nested = new NestedFields(path, value, parameterFields);
  const version = nested.requireString('version');
  for (const flag of ['strict', 'deprecationErrors']) refuseNull(path, value, flag);
  nested.optionalStrictBool('deprecationErrors');
  return { version, strict: nested.optionalStrictBool('strict') ?? false };
}

function refuseNull(path: string, { buffer, start }: RawValue, flag: string): void {
  if (findField(buffer, start, flag)?.type !== BsonType.null) return;
  throw new MongoServerError(
    'TypeMismatch',
    `BSON field '${path}.${flag}' is the wrong type 'null', expected type 'bool'`,
  );
}

/** A name with a dollar sign is none of a database, but may be asked for. */
function checkDatabase(name: string): void {
  if (name === '')
    throw new MongoServerError(28539, 'Cannot validate a database with an empty name');
  if (/[\0.]/.test(name) || Buffer.byteLength(name) > 63) {
    throw new MongoServerError('InvalidNamespace', `Invalid db name: ${name}`);
  }
  if (/[/\\ "]/.test(name)) throw new MongoServerError(13280, `invalid db name: ${name}`);
}

function checkCollection(database: string | undefined, name: string): void {
  if (name !== '' && !name.startsWith('.') && !name.includes('\0')) return;
  throw new MongoServerError(
    'InvalidNamespace',
    `Invalid collection name: ${database ?? ''}.${name}`,
  );
}

function* errorsOf(
  { database: wanted, collection: only }: ValidateMetadata,
  { database }: CommandContext,
): Generator<ApiVersionError> {
  const { catalog, engine } = database;
  const isMeant = (namespace: string): boolean => {
    const parts = splitNamespace(namespace);
    if (wanted !== undefined && parts.database !== wanted) return false;
    return only === undefined || parts.collection === only;
  };
  const databases = new Set<string>();
  for (const info of catalog.collections()) {
    databases.add(splitNamespace(info.namespace).database);
    if (!isMeant(info.namespace)) continue;
    for (const index of shownIndexes(info)) {
      const { kind, isSparse } = factsOf(index);
      if (kind.name !== 'text' && !isSparse) continue;
      yield strictError(
        info.namespace,
        `The index with name ${index.name} is not allowed in API version 1.`,
      );
    }
  }
  for (const each of databases) {
    for (const view of viewsOf({ catalog, reader: engine.latest }, each)) {
      if (!isMeant(view.namespace)) continue;
      const stage = stageBeyondVersionOne(view.pipeline);
      if (stage !== undefined) {
        yield strictError(view.namespace, `stage ${stage} is not allowed in API version 1`);
      }
    }
  }
}

function strictError(ns: string, errmsg: string): ApiVersionError {
  const { code, codeName } = new MongoServerError('APIStrictError', errmsg);
  return { ns, code, codeName, errmsg };
}
