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

export function checkApiVersion(body: CommandBody, commandName: string): void {
  if (!body.has('apiVersion')) {
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
