/** Stable API: the commands of version 1 and the checks on a command's apiVersion fields. */
import { BsonType, ElementReader, type RawValue } from '../../bson/index.ts';
import { pipelinesInside } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { CommandBody } from './command-body.ts';
import { arrayValues } from './field-values.ts';
import { checkUnstableFields } from './unstable-fields.ts';

const versionOne: ReadonlySet<string> = new Set([
  'abortTransaction',
  'aggregate',
  'bulkWrite',
  'collMod',
  'commitTransaction',
  'count',
  'create',
  'createIndexes',
  'delete',
  'drop',
  'dropDatabase',
  'dropIndexes',
  'endSessions',
  'explain',
  'find',
  'findAndModify',
  'getMore',
  'hello',
  'insert',
  'killCursors',
  'listCollections',
  'listDatabases',
  'listIndexes',
  'ping',
  'refreshSessions',
  'saslContinue',
  'saslStart',
  'update',
]);

/** What a client must be able to send before it has declared a version, and after a mistake. */
const withoutVersion: ReadonlySet<string> = new Set(['hello', 'setParameter']);

export function checkApiVersion(body: CommandBody, commandName: string, required: boolean): void {
  if (!body.has('apiVersion')) {
    if (required && !withoutVersion.has(commandName)) {
      throw new MongoServerError(
        498870,
        "The apiVersion parameter is required, please configure your MongoClient's API version",
      );
    }
    if (body.has('apiStrict') || body.has('apiDeprecationErrors')) {
      throw new MongoServerError(
        'InvalidOptions',
        'Provided apiStrict and/or apiDeprecationErrors without passing apiVersion',
      );
    }
    return;
  }
  if (body.requireString('apiVersion') !== '1') {
    throw new MongoServerError('APIVersionError', 'API version must be "1"');
  }
  if (body.optionalStrictBool('apiStrict') !== true) return;
  if (!versionOne.has(commandName)) {
    throw new MongoServerError(
      'APIStrictError',
      `Provided apiStrict:true, but the command ${commandName} is not in API Version 1`,
    );
  }
  checkUnstableFields(body, commandName);
}

export function isInApiVersionOne(commandName: string): boolean {
  return versionOne.has(commandName);
}

/** Stages that are not in version 1; `$collStats` is for its `count` only. */
const stagesBeyondVersionOne: ReadonlySet<string> = new Set([
  '$currentOp',
  '$indexStats',
  '$listLocalSessions',
  '$listSessions',
  '$planCacheStats',
  '$search',
  '$searchMeta',
]);

/** What apiStrict refuses of an aggregation. */
export function checkStableApi(body: CommandBody, pipeline: RawValue): void {
  if (body.optionalStrictBool('apiStrict') !== true) return;
  if (body.has('explain')) throw notInVersionOne("the field 'explain' of aggregate");
  const stage = stageBeyondVersionOne(pipeline);
  if (stage !== undefined) throw notInVersionOne(`the stage ${stage}`);
}

/** The name of the first stage, in stages too, that is not in version 1; undefined: there is none. */
export function stageBeyondVersionOne(pipeline: RawValue): string | undefined {
  if (pipeline.type !== BsonType.array) return undefined;
  for (const stage of arrayValues(pipeline)) {
    if (stage.type !== BsonType.object) continue;
    const reader = new ElementReader(stage.buffer, stage.start);
    if (!reader.next()) continue;
    const name = reader.name();
    const argument = reader.value();
    if (name === '$collStats' && asksMoreThanCount(argument)) return name;
    if (stagesBeyondVersionOne.has(name)) return name;
    for (const pipeline of pipelinesInside(name, argument)) {
      const inner = stageBeyondVersionOne(pipeline);
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}

function asksMoreThanCount({ type, buffer, start }: RawValue): boolean {
  if (type !== BsonType.object) return false;
  const reader = new ElementReader(buffer, start);
  while (reader.next()) if (reader.name() !== 'count') return true;
  return false;
}

function notInVersionOne(what: string): MongoServerError {
  return new MongoServerError(
    'APIStrictError',
    `Provided apiStrict:true, but ${what} is not in API Version 1`,
  );
}
