import { refuseLater } from '../collections/later-options.ts';
import { defineCommand } from '../command.ts';
import { replicaSetOf } from '../dispatch/replica-set-of.ts';

export const appendOplogNote = defineCommand({
  name: 'appendOplogNote',
  help: 'Writes an entry that changes nothing into the oplog.',
  access: 'admin',
  runsOn: 'primary',
  adminOnly: true,
  supportsWriteConcern: true,
  parse(body) {
    body.rejectUnknown(['data', 'maxClusterTime']);
    body.requireDocument('data');
    refuseLater(body, ['maxClusterTime']);
    return { data: body.decode('data') as Record<string, unknown> };
  },
  async run({ data }, context) {
    context.operation.lastGtid = await replicaSetOf(context).appendNote(data);
    return {};
  },
});
