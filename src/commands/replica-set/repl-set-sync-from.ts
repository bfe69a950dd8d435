import { defineCommand } from '../command.ts';
import { replicaSetOf } from '../dispatch/replica-set-of.ts';

export const replSetSyncFrom = defineCommand({
  name: 'replSetSyncFrom',
  help: 'Asks this secondary to pull from the given member, once.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    body.rejectUnknown([]);
    return { host: body.requireString(body.name) };
  },
  async run({ host }, context) {
    const { previous } = await replicaSetOf(context).syncFrom(host);
    return {
      syncFromRequested: host,
      ...(previous === undefined ? {} : { prevSyncTarget: previous }),
    };
  },
});
