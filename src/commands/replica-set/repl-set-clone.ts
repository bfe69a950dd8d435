import { MongoServerError } from '../../errors/index.ts';
import { cloneChunkFields, readCloneResume } from '../../replication/index.ts';
import { defineCommand, type ReplyDocument } from '../command.ts';
import { replicaSetOf } from '../dispatch/replica-set-of.ts';

export const replSetClone = defineCommand({
  name: '_replSetClone',
  help: 'Streams a snapshot of the whole store to a member in initial sync.',
  access: 'internal',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    body.rejectUnknown(['setName', 'memberId', 'resume']);
    const resume = body.decode('resume');
    const where = readCloneResume(resume);
    if (resume !== undefined && where === undefined) {
      throw new MongoServerError('FailedToParse', 'resume does not name a place in a snapshot');
    }
    return {
      setName: body.requireString('setName'),
      memberId: body.requireInt('memberId'),
      ...(where === undefined ? {} : { resume: where }),
    };
  },
  run(request, context) {
    const chunks = replicaSetOf(context).openClone(request, context.operation.signal);
    async function* replies(): AsyncGenerator<ReplyDocument, ReplyDocument> {
      for await (const chunk of chunks) {
        yield cloneChunkFields(chunk);
      }
      return {};
    }
    return { stream: replies() };
  },
});
