/** What runs now, as documents: for currentOp and the stage $currentOp. */
import { buildProgress } from '../../database/index.ts';
import type { CommandContext, ReplyDocument } from '../command.ts';

export function describeRunning(
  context: CommandContext,
  options: { readonly idleConnections?: boolean; readonly truncate?: boolean } = {},
): ReplyDocument[] {
  const connections = new Map(
    [...context.server.openConnections()].map((connection) => [connection.id, connection]),
  );
  const seen = new Set<number>();
  const documents: ReplyDocument[] = [];
  for (const operation of context.operations.all()) {
    const connection = connections.get(operation.connectionId);
    seen.add(operation.connectionId);
    const runningUs = BigInt(Math.round(operation.elapsedMs() * 1000));
    documents.push({
      type: 'op',
      host: context.server.host,
      desc: `conn${operation.connectionId}`,
      connectionId: operation.connectionId,
      ...(connection && { client: `${connection.remoteAddress}:${connection.remotePort}` }),
      ...(connection?.appName && { appName: connection.appName }),
      active: true,
      currentOpTime: new Date().toISOString(),
      opid: operation.opId,
      ...(operation.session && { lsid: operation.session.lsid }),
      secs_running: runningUs / 1_000_000n,
      microsecs_running: runningUs,
      op: 'command',
      ns: operation.namespace,
      redacted: false,
      command: commandOf(operation.body, options.truncate === true),
      ...(operation.isKilled && { killPending: true }),
      ...(operation.command === 'createIndexes' && progressOf(context, operation.namespace)),
      ...operation.details,
      waitingForLock: false,
    });
  }
  if (options.idleConnections === true) {
    for (const connection of connections.values()) {
      if (seen.has(connection.id)) continue;
      documents.push({
        type: 'idleConnection',
        host: context.server.host,
        desc: `conn${connection.id}`,
        connectionId: connection.id,
        client: `${connection.remoteAddress}:${connection.remotePort}`,
        ...(connection.appName && { appName: connection.appName }),
        active: false,
      });
    }
  }
  return documents;
}

/** What tools show of an index build: `Index Build: scanning collection 250/1000 25%`. */
function progressOf({ database }: CommandContext, namespace: string): ReplyDocument {
  const info = database.catalog.byNamespace(namespace);
  const progress = info && buildProgress(database.engine.latest, info);
  if (progress === undefined) return {};
  const { done, total } = progress;
  const percent = total === 0 ? 100 : Math.floor((done * 100) / total);
  return {
    msg: `Index Build: scanning collection ${done}/${total} ${percent}%`,
    progress: { done: BigInt(done), total: BigInt(total) },
  };
}

/** Embedded as the bytes it is. */
function commandOf(body: Buffer | undefined, truncate: boolean): unknown {
  if (body === undefined) return {};
  return truncate && body.length > 1000 ? { $truncated: `${body.length} bytes` } : body;
}
