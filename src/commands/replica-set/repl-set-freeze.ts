import { defineCommand } from '../command.ts';
import { replicaSetOf } from '../dispatch/replica-set-of.ts';

export const replSetFreeze = defineCommand({
  name: 'replSetFreeze',
  help: 'Keeps this secondary from standing for election for some seconds; 0 ends that.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    body.rejectUnknown([]);
    return { seconds: body.requireInt(body.name, { minimum: 0 }) };
  },
  async run({ seconds }, context) {
    await replicaSetOf(context).freeze(seconds);
    if (seconds === 0) {
      return { info: 'unfreezing' };
    }
    return seconds === 1 ? { warning: 'you really want to freeze for only 1 second?' } : {};
  },
});
