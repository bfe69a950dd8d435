import { defineCommand } from '../command.ts';
import { replicaSetOf } from '../dispatch/replica-set-of.ts';

export const replSetProbe = defineCommand({
  name: '_replSetProbe',
  help: 'Tells a member that is about to initiate a set whether this one may be in it.',
  access: 'internal',
  runsOn: 'anyMember',
  adminOnly: true,
  parse: (body) => body.rejectUnknown([]),
  run: (_request, context) => ({ ...replicaSetOf(context).probe() }),
});
