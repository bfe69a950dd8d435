import { defineCommand } from '../command.ts';
import { replicaSetOf } from '../dispatch/replica-set-of.ts';

export const replSetGetStatus = defineCommand({
  name: 'replSetGetStatus',
  help: 'Tells the state of every member as this one sees it.',
  access: 'read',
  runsOn: 'anyMember',
  adminOnly: true,
  supportsReadConcern: false,
  parse: (body) => body.rejectUnknown(['initialSync']),
  run: (_request, context) => replicaSetOf(context).status(),
});
