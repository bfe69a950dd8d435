/** What `setQuerySettings` and `removeQuerySettings` share: which shape is meant, and storing a change. */
import { parsePipeline } from '../../aggregation/index.ts';
import {
  BsonType,
  decodeDocument,
  documentEnd,
  findField,
  type RawValue,
} from '../../bson/index.ts';
import { type Database, type OperationContext, runUpdate } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { noVariables } from '../../expressions/index.ts';
import { queryShapeHash, type ShapedCommand } from '../../plan/index.ts';
import { CommandBody } from '../dispatch/command-body.ts';
import { rawDocument } from '../dispatch/default-concerns.ts';
import { textOf } from '../dispatch/field-values.ts';
import { readAggregate } from '../documents/aggregate.ts';
import { readDistinct } from '../documents/distinct.ts';
import { readFind } from '../documents/find.ts';
import { parsedUpdate } from '../documents/update.ts';
import {
  allSettings,
  checkSize,
  type ShapeSettings,
  settingsFilter,
  settingsNamespace,
  shapeOfQuery,
  shapeVariables,
} from './query-settings.ts';

/** The shape a command is about. */
export interface NamedShape {
  readonly hash: string;
  /** Undefined when the client gave the hash. */
  readonly representativeQuery?: Record<string, unknown>;
}

/** The first field: a query, or the hash of its shape. */
export function readShapeOf(body: CommandBody): NamedShape {
  const value = body.value(body.name);
  if (value?.type === BsonType.string) return { hash: readHash(textOf(value)) };
  if (value?.type !== BsonType.object) {
    throw body.wrongType(body.name, value?.type ?? BsonType.null, "'[string, object']");
  }
  const { buffer, start } = value;
  const shaped = shapedCommand(value, body.name);
  const representativeQuery = decodeDocument(buffer, start);
  return { hash: queryShapeHash(shaped), representativeQuery };
}

const hashDigits = 64;

function readHash(text: string): string {
  if (!/^[0-9a-fA-F]*$/.test(text)) {
    throw new MongoServerError('BadValue', `query shape hash is not hexadecimal: ${text}`);
  }
  if (text.length !== hashDigits) {
    throw new MongoServerError(
      'InvalidLength',
      `a query shape hash has ${hashDigits} hexadecimal digits, not ${text.length}`,
    );
  }
  return text.toUpperCase();
}

/** The parts of a `find`, `distinct` or `aggregate` with its `$db` that make its shape. */
export function shapedCommand(query: RawValue, command: string): ShapedCommand {
  const empty = documentEnd(query.buffer, query.start) - query.start === 5;
  const inner = empty ? undefined : new CommandBody(query.buffer, query.start);
  const read = inner === undefined ? undefined : readers[inner.name];
  if (inner === undefined || read === undefined) {
    throw new MongoServerError(
      7746402,
      'QueryShape can not be computed for unknown command: it takes find, distinct or aggregate',
    );
  }
  const name = findField(query.buffer, query.start, '$db');
  if (name === undefined || name.type === BsonType.null) {
    throw new MongoServerError(
      40414,
      `BSON field '${command}.$db' is missing but a required field`,
    );
  }
  if (name.type !== BsonType.string) throw inner.wrongType('$db', name.type, "'string'");
  inner.database = textOf(name);
  if (inner.database === '' || /[/\\. "$\0]/.test(inner.database)) {
    throw new MongoServerError(
      'InvalidNamespace',
      `Invalid namespace specified '${inner.database}'`,
    );
  }
  return read(inner);
}

const readers: Readonly<Record<string, (body: CommandBody) => ShapedCommand>> = {
  find(body) {
    const { namespace, fields } = readFind(body);
    return shapeOfQuery('find', namespace, fields);
  },
  distinct(body) {
    const { namespace, filter, path } = readDistinct(body);
    return shapeOfQuery('distinct', namespace, { filter }, path);
  },
  aggregate(body) {
    const { namespace, pipelineSpec, let: constants } = readAggregate(body);
    const variables = shapeVariables(constants);
    parsePipeline(pipelineSpec, variables);
    return { command: 'aggregate', namespace, pipeline: pipelineSpec, variables };
  },
};

/** Changes wait for each other: each is made from what the one before it has stored. */
const turns = new WeakMap<Database, Promise<unknown>>();

/**
 * Stores what `change` makes of the settings of all shapes; nothing when it gives undefined. `clusterTime` is kept beside them, as
 * MongoDB does.
 */
export async function changeSettings(
  database: Database,
  operation: OperationContext,
  clusterTime: unknown,
  change: (shapes: readonly ShapeSettings[]) => readonly ShapeSettings[] | undefined,
): Promise<void> {
  const before = turns.get(database) ?? Promise.resolve();
  const mine = before.then(async () => {
    const settingsArray = change(allSettings(database));
    if (settingsArray === undefined) return;
    checkSize(settingsArray);
    const $set = { settingsArray, clusterParameterTime: clusterTime };
    await runUpdate(
      database,
      operation,
      parsedUpdate(
        database,
        settingsNamespace,
        {
          filter: settingsFilter,
          update: rawDocument({ $set }),
          multi: false,
          upsert: true,
          arrayFilters: undefined,
          constants: undefined,
          hint: undefined,
          sort: undefined,
          collation: undefined,
        },
        noVariables,
      ),
    );
  });
  turns.set(
    database,
    mine.catch(() => {}),
  );
  await mine;
}
