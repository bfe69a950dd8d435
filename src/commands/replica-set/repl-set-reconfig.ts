import { defineCommand } from '../command.ts';
import { replicaSetOf } from '../dispatch/replica-set-of.ts';

export const replSetReconfig = defineCommand({
  name: 'replSetReconfig',
  help: 'Replaces the configuration of the replica set; one voting member may change at a time.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    body.rejectUnknown(['force']);
    body.requireDocument(body.name);
    return {
      config: body.decode(body.name) as Record<string, unknown>,
      force: body.optionalBool('force') ?? false,
    };
  },
  async run({ config, force }, context) {
    await replicaSetOf(context).reconfig(config, { force, signal: context.operation.signal });
    return {};
  },
});
