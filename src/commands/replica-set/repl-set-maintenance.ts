import { defineCommand } from '../command.ts';
import { replicaSetOf } from '../dispatch/replica-set-of.ts';

export const replSetMaintenance = defineCommand({
  name: 'replSetMaintenance',
  help: 'Takes this secondary out of service (state RECOVERING), or back in.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    body.rejectUnknown([]);
    return { isOn: body.optionalBool(body.name) ?? false };
  },
  async run({ isOn }, context) {
    await replicaSetOf(context).setMaintenance(isOn);
    return {};
  },
});
