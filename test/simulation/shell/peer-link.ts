/**
 * The transport between simulated members, with the promises of the one over TCP: `send` never
 * waits, a lost or refused message connection is told, streams end with HostUnreachable.
 */
import type { Message } from '../../../src/ark/index.ts';
import { decodeDocument, encodeDocument, findField } from '../../../src/bson/index.ts';
import { MongoServerError } from '../../../src/errors/index.ts';
import type {
  CloneChunk,
  CloneRequest,
  PeerLink,
  PullBatch,
  PullRequest,
  Transport,
} from '../../../src/replication/index.ts';
import {
  cloneCommand,
  pullCommand,
  readCloneChunk,
  readPullBatch,
} from '../../../src/replication/stream-format.ts';
import { Connection } from './connection.ts';
import type { Network } from './network.ts';
import type { Process } from './process.ts';
import type { Server } from './server.ts';

/** As over TCP. */
const connectTimeoutMs = 2000;
const streamSilenceMs = 5000;

export class SimulatedTransport implements Transport {
  readonly #network: Network;
  readonly #process: Process;

  constructor(network: Network, process: Process) {
    this.#network = network;
    this.#process = process;
  }

  link(from: string, to: string, onDisconnected: () => void): PeerLink {
    return new SimulatedPeerLink(this.#network, this.#process, from, to, onDisconnected);
  }

  mayReceive(): boolean {
    return true;
  }
}

class SimulatedPeerLink implements PeerLink {
  readonly host: string;
  readonly ends: readonly [string, string];
  readonly #network: Network;
  readonly #process: Process;
  readonly #from: string;
  readonly #onDisconnected: () => void;
  /** The life of the other process that the message connection was made to. */
  #peer: Server | undefined;
  #isConnecting = false;
  #isClosed = false;
  readonly #streams = new Set<Connection>();

  constructor(
    network: Network,
    process: Process,
    from: string,
    to: string,
    onDisconnected: () => void,
  ) {
    this.#network = network;
    this.#process = process;
    this.#from = from;
    this.host = to;
    this.ends = [from, to];
    this.#onDisconnected = onDisconnected;
  }

  send(message: Message): void {
    if (this.#isClosed || this.#process.hasEnded) return;
    const network = this.#network;
    network.onMessage(this.#from, message);
    const bytes = encodeDocument({ replSetMessage: 1, message, $db: 'admin' });
    this.#peer ??= this.#connect();
    const peer = this.#peer;
    if (peer === undefined) return;
    network.message(this.#from, this.host, bytes, () => {
      // The process that answers there now knows nothing of this connection.
      if (network.at(this.host) === peer) peer.receive(bytes);
      else this.reset();
    });
  }

  #connect(): Server | undefined {
    const peer = this.#network.at(this.host);
    if (peer !== undefined) {
      this.#network.opened(this);
    } else if (!this.#isConnecting) {
      this.#isConnecting = true;
      const isDark = this.#network.isDark(this.host);
      const waitMs = isDark ? connectTimeoutMs : 2 * this.#network.latency();
      this.#disconnectedAfter(waitMs);
    }
    return peer;
  }

  reset(): void {
    if (this.#peer === undefined) return;
    this.#peer = undefined;
    this.#network.closed(this);
    this.#disconnectedAfter(this.#network.latency());
  }

  #disconnectedAfter(delayMs: number): void {
    this.#network.timeline.after(delayMs, () =>
      this.#process.enter(() => {
        this.#isConnecting = false;
        if (!this.#isClosed) this.#onDisconnected();
      }),
    );
  }

  close(): void {
    this.#isClosed = true;
    this.#network.closed(this);
    for (const stream of [...this.#streams]) stream.close();
  }

  async request(
    command: Record<string, unknown>,
    timeoutMs: number,
  ): Promise<Record<string, unknown>> {
    const controller = new AbortController();
    const cancel = this.#process.after(timeoutMs, () => controller.abort());
    try {
      const request = encodeDocument({ ...command, $db: 'admin' });
      for await (const reply of this.#replies(request, false, controller.signal)) {
        return decodeDocument(reply);
      }
    } finally {
      cancel();
    }
    throw unreachable(this.host, 'the connection was closed before the reply');
  }

  async *pull(request: PullRequest, signal: AbortSignal): AsyncGenerator<PullBatch> {
    const command = encodeDocument(pullCommand(request));
    for await (const reply of this.#replies(command, true, signal)) yield readPullBatch(reply);
  }

  async *clone(request: CloneRequest, signal: AbortSignal): AsyncGenerator<CloneChunk> {
    const command = encodeDocument(cloneCommand(request));
    for await (const reply of this.#replies(command, true, signal)) yield readCloneChunk(reply);
  }

  async *#replies(request: Buffer, isStream: boolean, signal: AbortSignal): AsyncGenerator<Buffer> {
    if (this.#isClosed) throw unreachable(this.host, 'not connected');
    signal.throwIfAborted();
    const process = this.#process;
    const enter = (run: () => void) => process.enter(run);
    const connection = new Connection(this.#network, this.#from, this.host, enter);
    const arrived: { readonly bytes: Buffer; readonly hasMore: boolean }[] = [];
    let isGone = false;
    let wake = () => {};
    let cancelSilence = () => {};
    const gone = () => {
      isGone = true;
      wake();
    };
    const listen = () => {
      cancelSilence();
      cancelSilence = process.after(streamSilenceMs, gone);
    };
    this.#streams.add(connection);
    signal.addEventListener('abort', gone, { once: true });
    listen();
    try {
      connection.send(request, {
        reply: (bytes, hasMore) => {
          arrived.push({ bytes, hasMore });
          listen();
          wake();
        },
        gone,
      });
      for (;;) {
        const next = isGone ? undefined : arrived.shift();
        if (next === undefined) {
          signal.throwIfAborted();
          if (isGone || this.#isClosed) throw unreachable(this.host, 'the connection is gone');
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        throwIfRefused(next.bytes);
        if (next.hasMore || !isStream) yield next.bytes;
        if (!next.hasMore) return;
        connection.taken();
      }
    } finally {
      cancelSilence();
      signal.removeEventListener('abort', gone);
      this.#streams.delete(connection);
      connection.close();
    }
  }
}

function throwIfRefused(body: Buffer): void {
  const ok = findField(body, 0, 'ok');
  if (ok === undefined || ok.type !== 1 || ok.buffer.readDoubleLE(ok.start) === 1) return;
  const { code, codeName, errmsg } = decodeDocument(body);
  const name = typeof codeName === 'string' ? codeName : Number(code ?? 1);
  throw new MongoServerError(name as number, String(errmsg ?? 'refused'));
}

function unreachable(host: string, why: string): MongoServerError {
  return new MongoServerError(
    'HostUnreachable',
    `Error connecting to ${host} :: caused by :: ${why}`,
  );
}
