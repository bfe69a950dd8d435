import { ReplicaSet } from '../../replication/index.ts';
import { defineCommand } from '../command.ts';

const defaultTimeoutSecs = 15;

export const shutdown = defineCommand({
  name: 'shutdown',
  help: 'Stops the server cleanly; a primary steps down first.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    body.rejectUnknown(['force', 'timeoutSecs']);
    return {
      force: body.optionalBool('force') ?? false,
      timeoutSecs: body.optionalInt('timeoutSecs', { minimum: 0 }) ?? defaultTimeoutSecs,
    };
  },
  async run({ force, timeoutSecs }, context) {
    const { replicaSet, operation, server } = context;
    if (replicaSet instanceof ReplicaSet && replicaSet.role === 'primary') {
      await replicaSet.stepDownForShutdown({
        force,
        catchUpSeconds: timeoutSecs,
        signal: operation.signal,
        exceptOperation: operation.opId,
      });
    }
    await server.shutdown({ force, timeoutSecs });
    return {};
  },
});
