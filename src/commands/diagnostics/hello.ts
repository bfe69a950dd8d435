/**
 * The first command of every connection, and the one with which drivers watch a member. With
 * `topologyVersion` and `maxAwaitTimeMS` the answer waits for a change; with exhaustAllowed one
 * request is answered again and again (server monitoring specification, "Streaming protocol").
 */
import { ObjectId } from 'bson';
import { MongoServerError } from '../../errors/index.ts';
import { type CommandContext, defineCommand, type ReplyDocument } from '../command.ts';
import { readClientMetadata } from '../dispatch/client-metadata.ts';
import type { TopologyVersion } from '../dispatch/replica-set-view.ts';

const logicalSessionTimeoutMinutes = 30;
const neverAborted = new AbortController().signal;

/** A server without a replica set never changes. */
const ownTopologyVersion: TopologyVersion = { processId: new ObjectId(), counter: 0n };

interface HelloRequest {
  /** As sent: `isMaster` and `ismaster` answer with the old field names. */
  readonly legacyNames: boolean;
  readonly helloOk: boolean;
  readonly awaited:
    | { readonly topologyVersion: TopologyVersion; readonly forMs: number }
    | undefined;
  readonly compression: readonly string[] | undefined;
  readonly saslSupportedMechs: boolean;
  readonly metadata: ReturnType<typeof readClientMetadata>;
}

export const hello = defineCommand<HelloRequest>({
  name: 'hello',
  aliases: ['isMaster', 'ismaster'],
  help: 'Tells what this member is and what it can do; awaits a change when asked to.',
  access: 'none',
  runsOn: 'anyMember',
  beforeAuth: true,
  parse(body) {
    const topologyVersion = body.optionalDocument('topologyVersion');
    const forMs = body.optionalInt('maxAwaitTimeMS');
    if ((topologyVersion === undefined) !== (forMs === undefined)) {
      throw new MongoServerError(
        31368,
        forMs === undefined
          ? "A request with a 'topologyVersion' must include 'maxAwaitTimeMS'"
          : "A request with 'maxAwaitTimeMS' must include a 'topologyVersion'",
      );
    }
    if (forMs !== undefined && forMs < 0) {
      throw new MongoServerError(31373, 'maxAwaitTimeMS must be a non-negative integer');
    }
    return {
      legacyNames: body.name !== 'hello',
      helloOk: body.optionalBool('helloOk') ?? false,
      awaited:
        forMs === undefined
          ? undefined
          : { topologyVersion: readTopologyVersion(body.decode('topologyVersion')), forMs },
      compression: body.has('compression') ? readNames(body.decode('compression')) : undefined,
      saslSupportedMechs: body.has('saslSupportedMechs'),
      metadata: readClientMetadata(body),
    };
  },
  run(request, context) {
    const { connection, operation } = context;
    if (request.metadata !== undefined) {
      if (connection.metadata !== undefined) {
        throw new MongoServerError(
          'ClientMetadataCannotBeMutated',
          'The client metadata document may only be sent in the first hello',
        );
      }
      connection.metadata = request.metadata.document;
      connection.appName = request.metadata.appName;
      context.log.info('NETWORK', 'client metadata', {
        remote: `${connection.remoteAddress}:${connection.remotePort}`,
        client: `conn${connection.id}`,
        doc: request.metadata.decoded,
      });
    }
    if (request.helloOk) connection.helloOk = true;
    if (request.compression !== undefined) {
      connection.compressors = request.compression.filter((name) =>
        context.server.compressors.includes(name),
      );
    }
    const { awaited } = request;
    if (awaited === undefined) return describe(request, context);
    checkCounter(awaited.topologyVersion, context);
    if (context.exhaustAllowed) {
      return { stream: describeForEver(request, awaited, context) };
    }
    return awaitChange(awaited.topologyVersion, awaited.forMs, context, operation.signal).then(
      () => {
        operation.awaitedMs = operation.elapsedMs();
        return describe(request, context);
      },
    );
  },
});

function describe(request: HelloRequest, context: CommandContext): ReplyDocument {
  const { connection, replicaSet } = context;
  const facts: ReplyDocument = replicaSet?.hello() ?? { isWritablePrimary: true };
  const reply: ReplyDocument = {};
  if (request.helloOk || connection.helloOk) reply.helloOk = true;
  for (const [name, value] of Object.entries(facts)) {
    reply[name === 'isWritablePrimary' && request.legacyNames ? 'ismaster' : name] = value;
  }
  reply.topologyVersion = replicaSet?.topologyVersion ?? ownTopologyVersion;
  reply.maxBsonObjectSize = 16_777_216;
  reply.maxMessageSizeBytes = 48_000_000;
  reply.maxWriteBatchSize = 100_000;
  reply.localTime = new Date();
  reply.logicalSessionTimeoutMinutes = logicalSessionTimeoutMinutes;
  reply.connectionId = connection.id;
  reply.minWireVersion = 0;
  reply.maxWireVersion = 25;
  reply.readOnly = false;
  if (request.compression !== undefined && connection.compressors.length > 0) {
    reply.compression = connection.compressors;
  }
  // The same for every name, so that it does not tell which users there are.
  if (request.saslSupportedMechs) reply.saslSupportedMechs = ['SCRAM-SHA-256'];
  return reply;
}

async function* describeForEver(
  request: HelloRequest,
  awaited: { readonly topologyVersion: TopologyVersion; readonly forMs: number },
  context: CommandContext,
): AsyncGenerator<ReplyDocument, undefined> {
  let known = awaited.topologyVersion;
  for (;;) {
    await awaitChange(known, awaited.forMs, context, context.operation.signal);
    const reply = describe(request, context);
    known = reply.topologyVersion as TopologyVersion;
    yield reply;
  }
}

/** At once when `known` is of another process or another state, else at the next change. */
async function awaitChange(
  known: TopologyVersion,
  forMs: number,
  context: CommandContext,
  signal: AbortSignal = neverAborted,
): Promise<void> {
  const current = context.replicaSet?.topologyVersion ?? ownTopologyVersion;
  if (!current.processId.equals(known.processId) || current.counter !== known.counter) return;
  if (context.replicaSet !== undefined) {
    await context.replicaSet.awaitTopologyChange(known.counter, { signal, timeoutMs: forMs });
    return;
  }
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(done, Math.min(forMs, 2 ** 31 - 1));
    const aborted = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    function done(): void {
      signal.removeEventListener('abort', aborted);
      resolve();
    }
    signal.addEventListener('abort', aborted, { once: true });
  });
}

function checkCounter(known: TopologyVersion, context: CommandContext): void {
  const current = context.replicaSet?.topologyVersion ?? ownTopologyVersion;
  if (current.processId.equals(known.processId) && known.counter > current.counter) {
    throw new MongoServerError(
      31382,
      `Received a topology version with counter: ${known.counter} which is greater than the server topology version counter: ${current.counter}`,
    );
  }
}

function readTopologyVersion(value: unknown): TopologyVersion {
  const { processId, counter } = value as { processId?: unknown; counter?: unknown };
  if (!(processId instanceof ObjectId)) {
    throw new MongoServerError(
      'TypeMismatch',
      "BSON field 'TopologyVersion.processId' is the wrong type, expected type 'objectId'",
    );
  }
  if (typeof counter !== 'bigint') {
    throw new MongoServerError(
      'TypeMismatch',
      "BSON field 'TopologyVersion.counter' is the wrong type, expected type 'long'",
    );
  }
  if (counter < 0n) {
    throw new MongoServerError(31372, 'topologyVersion must have a non-negative counter');
  }
  return { processId, counter };
}

function readNames(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.some((each) => typeof each !== 'string')) {
    throw new MongoServerError('TypeMismatch', 'compression must be an array of strings');
  }
  return value as string[];
}
