/** Stable API: the commands of version 1 and the checks on a command's apiVersion fields. */
import { MongoServerError } from '../errors/index.ts';
import type { CommandBody } from './command-body.ts';

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
  if (body.optionalStrictBool('apiStrict') === true && !versionOne.has(commandName)) {
    throw new MongoServerError(
      'APIStrictError',
      `Provided apiStrict:true, but the command ${commandName} is not in API Version 1`,
    );
  }
}

export function isInApiVersionOne(commandName: string): boolean {
  return versionOne.has(commandName);
}
