/** The parameters every server has. Rooms that can obey more of them register their own. */
import { sessionTimeoutMinutes } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { defaultSortSpace } from '../../plan/index.ts';
import { featureCompatibilityVersion } from '../diagnostics/version.ts';
import { clusterTimeDriftMaxSecs } from './dispatch-checks.ts';
import type { ServerParameters } from './server-parameters.ts';

export function declareDefaultParameters(
  parameters: ServerParameters,
  options: { readonly enableTestCommands: boolean },
): void {
  const constant = (name: string, value: unknown): void => {
    parameters.register({
      name,
      settableAtRuntime: false,
      settableAtStartup: false,
      get: () => value,
    });
  };
  constant('featureCompatibilityVersion', { version: featureCompatibilityVersion });
  constant('enableTestCommands', options.enableTestCommands);
  constant('authenticationMechanisms', ['SCRAM-SHA-256']);
  constant('localLogicalSessionTimeoutMinutes', sessionTimeoutMinutes);
  constant('maxAcceptableLogicalClockDriftSecs', clusterTimeDriftMaxSecs);
  constant('logComponentVerbosity', { verbosity: 0 });
  parameters.declare('allowDiskUseByDefault', true, (value) => {
    if (typeof value === 'boolean') return value;
    throw new MongoServerError('TypeMismatch', 'allowDiskUseByDefault must be a boolean');
  });
  const sortMemory = 'internalQueryMaxBlockingSortMemoryUsageBytes';
  parameters.declare(sortMemory, defaultSortSpace.memoryLimitBytes, (value) => {
    const bytes = Number(value);
    if (Number.isSafeInteger(bytes) && bytes >= 0) return bytes;
    throw new MongoServerError('BadValue', `${sortMemory} must be a whole number of bytes`);
  });
  parameters.declare('requireApiVersion', false, (value) => {
    if (typeof value === 'boolean') return value;
    throw new MongoServerError('TypeMismatch', 'requireApiVersion must be a boolean');
  });
}
