import { BsonType, type RawArray } from '../../bson/index.ts';
import type { OpenCursor } from '../../database/index.ts';
import { during, MongoServerError } from '../../errors/index.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { batchBytesMax } from './cursor-reply.ts';

interface GetMore {
  readonly id: bigint;
  readonly namespace: string;
  readonly batchSize: number | undefined;
  readonly awaitMs: number | undefined;
}

/** How long an awaitData cursor waits for new documents when the client does not say. */
const defaultAwaitMs = 1000;

export const getMore = defineCommand<GetMore>({
  name: 'getMore',
  help: 'Returns the next batch of an open cursor.',
  access: 'read',
  runsOn: 'anyMember',
  counter: 'getmore',
  maxTimeIsAwait: true,
  supportsReadConcern: false,
  parse(body) {
    body.rejectUnknown(['collection', 'batchSize', 'term', 'lastKnownCommittedOpTime']);
    const term = body.value('term');
    if (term !== undefined && term.type !== BsonType.long && term.type !== BsonType.null) {
      throw body.wrongType('term', term.type, "'long'");
    }
    const id = body.value(body.name);
    if (id === undefined || id.type === BsonType.null || id.type === BsonType.undefined) {
      throw body.missing('getMore');
    }
    if (id.type !== BsonType.long) throw body.wrongType('getMore', id.type, "'long'");
    const collection = body.requireString('collection');
    if (collection.length === 0) {
      throw new MongoServerError(
        'InvalidNamespace',
        `Invalid namespace specified '${body.database}.'`,
      );
    }
    return {
      id: body.requireLong(body.name),
      namespace: `${body.database}.${collection}`,
      batchSize: body.optionalInt('batchSize', { minimum: 0 }),
      awaitMs: body.optionalMaxTime(),
    };
  },
  async run(request, context) {
    const { cursors } = context.database;
    const cursor = cursors.acquire(request.id, request.namespace);
    try {
      checkUse(request, cursor, context.operation.session?.id);
    } catch (error) {
      cursors.release(cursor);
      throw error;
    }
    context.operation.inherit(cursor.options.comment);
    let isDone = true;
    try {
      const batch = await during('Executor error during getMore', () =>
        nextBatch(request, cursor, context),
      );
      const { linearizableIn } = cursor.options;
      if (linearizableIn !== undefined)
        await context.replicaSet?.confirmLead(linearizableIn, context.operation);
      isDone = batch.isDone;
      return {
        cursor: {
          nextBatch: batch.documents,
          id: isDone ? 0n : cursor.id,
          ns: cursor.namespace,
        },
      };
    } finally {
      if (isDone) cursors.close(cursor);
      else cursors.release(cursor);
    }
  },
});

/** Throws what the client has wrong; the cursor stays as it is. */
function checkUse({ awaitMs }: GetMore, cursor: OpenCursor, session: string | undefined): void {
  const owner = cursor.options.session;
  if (owner !== session) {
    const [code, where] =
      session === undefined
        ? ([50736, `which was created in session ${owner}, without an lsid`] as const)
        : owner === undefined
          ? ([50737, `which was not created in a session, in session ${session}`] as const)
          : ([50738, `which was created in session ${owner}, in session ${session}`] as const);
    throw new MongoServerError(code, `Cannot run getMore on cursor ${cursor.id}, ${where}`);
  }
  if (awaitMs !== undefined && cursor.options.awaitData !== true) {
    throw new MongoServerError(
      'BadValue',
      'cannot set maxTimeMS on getMore command for a non-awaitData cursor',
    );
  }
}

async function nextBatch(
  { batchSize, awaitMs }: GetMore,
  cursor: OpenCursor,
  { database, operation }: CommandContext,
): Promise<{ documents: RawArray; isDone: boolean }> {
  const { source, options } = cursor;
  const request = {
    // 0 means "no limit" here, unlike in the first batch.
    maxDocuments: batchSize === undefined || batchSize === 0 ? Infinity : batchSize,
    maxBytes: batchBytesMax,
    interrupt: operation,
  };
  const until = operation.elapsedMs() + (awaitMs ?? defaultAwaitMs);
  for (;;) {
    const wait = options.awaitData ? database.wakeUps.waiter(cursor.namespace) : undefined;
    try {
      const batch = await source.nextBatch(request);
      if (options.tailable !== true) {
        return { documents: batch.documents, isDone: batch.isExhausted };
      }
      const left = until - operation.elapsedMs();
      if (wait === undefined || batch.documents.length > 0 || left <= 0 || cursor.killed) {
        return { documents: batch.documents, isDone: cursor.killed };
      }
      await wait.within(left, operation.signal);
      operation.check();
    } finally {
      wait?.withdraw();
    }
  }
}
