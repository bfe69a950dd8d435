import { defineCommand } from '../command.ts';
import { replicaSetOf } from '../dispatch/replica-set-of.ts';

export const replSetGetConfig = defineCommand({
  name: 'replSetGetConfig',
  help: 'Returns the configuration of the replica set.',
  access: 'read',
  runsOn: 'anyMember',
  adminOnly: true,
  supportsReadConcern: false,
  parse(body) {
    body.rejectUnknown(['commitmentStatus']);
    return { commitmentStatus: body.optionalBool('commitmentStatus') ?? false };
  },
  run({ commitmentStatus }, context) {
    const replicaSet = replicaSetOf(context);
    return {
      config: replicaSet.config(),
      ...(commitmentStatus ? { commitmentStatus: replicaSet.isConfigCommitted() } : {}),
    };
  },
});
