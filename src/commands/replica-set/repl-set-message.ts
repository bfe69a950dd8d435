import { MongoServerError } from '../../errors/index.ts';
import { isMessage } from '../../replication/index.ts';
import { defineCommand } from '../command.ts';
import { replicaSetOf } from '../dispatch/replica-set-of.ts';

/** One-way: members send it with moreToCome, so an error is seen by nobody and changes nothing. */
export const replSetMessage = defineCommand({
  name: 'replSetMessage',
  help: 'Carries a message of the election algorithm between members.',
  access: 'internal',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    body.rejectUnknown(['message']);
    const message = body.decode('message');
    if (!isMessage(message)) {
      throw new MongoServerError('FailedToParse', 'a member message lacks its kind or its sender');
    }
    return message;
  },
  run(message, context) {
    replicaSetOf(context).receive(message);
    return {};
  },
});
