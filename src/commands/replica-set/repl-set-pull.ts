import { MongoServerError } from '../../errors/index.ts';
import { gtidOfBinary, pullBatchFields } from '../../replication/index.ts';
import { defineCommand, type ReplyDocument } from '../command.ts';
import { replicaSetOf } from '../dispatch/replica-set-of.ts';

export const replSetPull = defineCommand({
  name: '_replSetPull',
  help: 'Streams the oplog to another member, without end.',
  access: 'internal',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    body.rejectUnknown(['setName', 'memberId', 'from', 'reverse', 'untilWallMs']);
    const from = gtidOfBinary(body.decode('from'));
    if (from === undefined) {
      throw new MongoServerError('FailedToParse', 'from must be a GTID of 16 bytes');
    }
    const untilWallMs = body.optionalLong('untilWallMs');
    return {
      setName: body.requireString('setName'),
      memberId: body.requireInt('memberId'),
      from,
      reverse: body.optionalBool('reverse') ?? false,
      ...(untilWallMs === undefined ? {} : { untilWallMs: Number(untilWallMs) }),
    };
  },
  run(request, context) {
    const batches = replicaSetOf(context).openPull(request, context.operation.signal);
    async function* replies(): AsyncGenerator<ReplyDocument, ReplyDocument> {
      for await (const batch of batches) {
        yield pullBatchFields(batch);
      }
      return {};
    }
    return { stream: replies() };
  },
});
