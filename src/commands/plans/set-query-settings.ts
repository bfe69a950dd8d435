import { BsonType, decodeValue, findField, type RawValue } from '../../bson/index.ts';
import { pointLookupId } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { rawDocument } from '../dispatch/default-concerns.ts';
import { arrayValues, typeName } from '../dispatch/field-values.ts';
import { NestedFields } from '../dispatch/nested-fields.ts';
import type { IndexHints, QuerySettings } from './query-settings.ts';
import { changeSettings, type NamedShape, readShapeOf } from './query-settings-change.ts';

interface SetQuerySettings extends NamedShape {
  readonly settings: QuerySettings;
}

/** Manual: setQuerySettings. Fields that are not given keep what they were set to before. */
export const setQuerySettings = defineCommand<SetQuerySettings>({
  name: 'setQuerySettings',
  help: 'Says how queries of one shape shall be answered: by which indexes, or not at all.',
  access: 'admin',
  runsOn: 'primary',
  adminOnly: true,
  supportsWriteConcern: true,
  parse(body) {
    body.rejectUnknown(['settings']);
    const settings = readSettings(body);
    const shape = readShapeOf(body);
    checkQuery(shape.representativeQuery);
    return { ...shape, settings };
  },
  async run({ hash, representativeQuery, settings }, { database, operation, replicaSet }) {
    const time = replicaSet?.clusterTime()?.operationTime;
    let made: QuerySettings = {};
    await changeSettings(database, operation, time, (shapes) => {
      const at = shapes.findIndex(({ queryShapeHash }) => queryShapeHash === hash);
      made = merged(shapes[at]?.settings, settings);
      const query = representativeQuery ?? shapes[at]?.representativeQuery;
      const shape = {
        queryShapeHash: hash,
        settings: made,
        ...(query === undefined ? {} : { representativeQuery: query }),
      };
      return at < 0 ? [...shapes, shape] : shapes.with(at, shape);
    });
    return {
      queryShapeHash: hash,
      ...(representativeQuery === undefined ? {} : { representativeQuery }),
      settings: made,
    };
  },
});

const internalDatabases: ReadonlySet<unknown> = new Set(['admin', 'config', 'local']);

/** Queries that are answered without a plan, and those of the server's own databases, take no settings. */
function checkQuery(query: Record<string, unknown> | undefined): void {
  if (query === undefined) return;
  if (internalDatabases.has(query.$db)) {
    throw new MongoServerError(8584900, 'setQuerySettings cannot be used on internal databases');
  }
  if (
    'find' in query &&
    pointLookupId(rawDocument((query.filter ?? {}) as Record<string, unknown>)) !== undefined
  ) {
    throw new MongoServerError(7746606, 'query settings cannot be set on IDHACK queries');
  }
}

/** What says nothing is left out; settings that say nothing at all are refused. */
function merged(before: QuerySettings | undefined, change: QuerySettings): QuerySettings {
  const { indexHints, queryFramework, reject, comment } = { ...before, ...change };
  const hints = indexHints?.filter(({ allowedIndexes }) => allowedIndexes.length > 0) ?? [];
  const made: QuerySettings = {
    ...(hints.length === 0 ? {} : { indexHints: hints }),
    ...(queryFramework === undefined ? {} : { queryFramework }),
    ...(reject === true ? { reject } : {}),
  };
  if (Object.keys(made).length === 0) {
    throw new MongoServerError(
      7746604,
      'the resulting settings cannot be empty or contain only default values',
    );
  }
  return comment === undefined ? made : { ...made, comment };
}

const settingsFields = new Set(['indexHints', 'queryFramework', 'reject', 'comment']);
const frameworks: ReadonlySet<string> = new Set(['classic', 'sbe']);

function readSettings(body: CommandBody): QuerySettings {
  const document = body.requireDocument('settings');
  const path = `${body.name}.settings`;
  const fields = new NestedFields(path, document, settingsFields);
  if (document.end - document.start === 5) {
    throw new MongoServerError(
      8727502,
      'settings field in setQuerySettings command cannot be empty',
    );
  }
  const queryFramework = fields.optionalString('queryFramework');
  if (queryFramework !== undefined && !frameworks.has(queryFramework)) {
    throw new MongoServerError(
      'BadValue',
      `Enumeration value '${queryFramework}' for field '${path}.queryFramework' is not a valid value.`,
    );
  }
  const reject = readReject(path, document);
  const hints = fields.value('indexHints');
  const comment = fields.value('comment');
  return {
    ...(hints === undefined ? {} : { indexHints: readIndexHints(`${path}.indexHints`, hints) }),
    ...(queryFramework === undefined
      ? {}
      : { queryFramework: queryFramework as 'classic' | 'sbe' }),
    ...(reject === undefined ? {} : { reject }),
    ...(comment === undefined ? {} : { comment: decodeValue(comment) }),
  };
}

/** Here null is no bool, unlike elsewhere. */
function readReject(path: string, settings: RawValue): boolean | undefined {
  const value = findField(settings.buffer, settings.start, 'reject');
  if (value === undefined) return undefined;
  if (value.type === BsonType.bool) return value.buffer[value.start] === 1;
  throw new MongoServerError(
    'TypeMismatch',
    `BSON field '${path}.reject' is the wrong type '${typeName(value.type)}', expected type 'bool'`,
  );
}

/** One document, or one for each collection. */
function readIndexHints(path: string, value: RawValue): IndexHints[] {
  const isList = value.type === BsonType.array;
  const hints: IndexHints[] = [];
  const seen = new Set<string>();
  for (const one of isList ? arrayValues(value) : [value]) {
    if (one.type !== BsonType.object) {
      throw new MongoServerError(
        'TypeMismatch',
        `BSON field '${path}' is the wrong type, expected types '[array, object']`,
      );
    }
    const fields = new NestedFields(path, one, new Set(['ns', 'allowedIndexes']));
    const ns = readNamespace(`${path}.ns`, fields.requireDocument('ns'));
    const list = fields.optionalArray('allowedIndexes') ?? fields.missing('allowedIndexes');
    const name = `${ns.db}.${ns.coll}`;
    if (seen.has(name)) {
      throw new MongoServerError(7746608, `Collection '${name}' has already index hints specified`);
    }
    seen.add(name);
    hints.push({ ns, allowedIndexes: [...arrayValues(list)].map(readIndex) });
  }
  return hints;
}

function readNamespace(path: string, document: RawValue): IndexHints['ns'] {
  const fields = new NestedFields(path, document, new Set(['db', 'coll']));
  const db = fields.optionalString('db');
  if (db === undefined) throw new MongoServerError(8727500, `'${path}.db' is missing`);
  const coll = fields.optionalString('coll');
  if (coll === undefined) throw new MongoServerError(8727501, `'${path}.coll' is missing`);
  return { db, coll };
}

function readIndex(value: RawValue): string | Record<string, unknown> {
  if (value.type !== BsonType.string && value.type !== BsonType.object) {
    throw new MongoServerError('FailedToParse', 'Hint must be a string or an object');
  }
  const index = decodeValue(value) as string | Record<string, unknown>;
  return typeof index === 'object' && '$natural' in index ? '$natural' : index;
}
