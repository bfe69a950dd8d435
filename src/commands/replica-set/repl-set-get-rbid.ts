import { defineCommand } from '../command.ts';
import { replicaSetOf } from '../dispatch/replica-set-of.ts';

export const replSetGetRBID = defineCommand({
  name: 'replSetGetRBID',
  help: 'Returns how often this member has rolled back.',
  access: 'internal',
  runsOn: 'anyMember',
  adminOnly: true,
  parse: (body) => body.rejectUnknown([]),
  run: (_request, context) => ({ rbid: replicaSetOf(context).rollbackId }),
});
