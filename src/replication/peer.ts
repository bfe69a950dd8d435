/**
 * The transport over TCP: per other member one outgoing connection for messages, and one more for
 * every stream and request. Only this file opens sockets in the replication room.
 *
 * Invariants
 * - `send` never waits: what cannot leave soon is dropped, for messages of Ark are repeated.
 * - A lost or refused message connection is told at once: suspicion must not wait for a timeout.
 * - A cut (fault injection) drops messages silently and tears streams, like a broken network.
 */
import { connect, type Socket } from 'node:net';
import { encodeOpMsg, headerLength, MessageReader, nextRequestId } from '../../wire/index.ts';
import type { Message } from '../ark/messages.ts';
import { decodeDocument, encodeDocument, findField } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { cloneCommand, pullCommand, readCloneChunk, readPullBatch } from './stream-format.ts';
import type {
  CloneChunk,
  CloneRequest,
  LinkFaults,
  PeerLink,
  PullBatch,
  PullRequest,
  TrafficKind,
  Transport,
} from './transport.ts';

export interface TcpTransportOptions {
  readonly faults?: LinkFaults;
  readonly connectTimeoutMs?: number;
  /** A stream that is silent for longer is dead: sources send something more often. */
  readonly streamSilenceMs?: number;
}

const defaultConnectTimeoutMs = 2000;
const defaultStreamSilenceMs = 5000;
/** After a failed attempt the next one waits so long, unless nothing was sent meanwhile. */
const reconnectDelayMs = 50;
/** Messages kept while the connection is being made. */
const queuedMessagesMax = 64;
/** A peer that takes nothing more in is treated as gone. */
const unsentBytesMax = 4 * 1024 * 1024;

const noFaults: LinkFaults = { isCut: () => false, onChange: () => () => {} };

export class TcpTransport implements Transport {
  readonly #options: TcpTransportOptions;

  constructor(options: TcpTransportOptions = {}) {
    this.#options = options;
  }

  link(from: string, to: string, onDisconnected: () => void): PeerLink {
    return new TcpPeerLink(from, to, onDisconnected, this.#options);
  }

  mayReceive(from: string, to: string, message: Message): boolean {
    return !(this.#options.faults?.isCut(from, to, message.kind) ?? false);
  }
}

class TcpPeerLink implements PeerLink {
  readonly host: string;
  readonly #from: string;
  readonly #onDisconnected: () => void;
  readonly #faults: LinkFaults;
  readonly #connectTimeoutMs: number;
  readonly #streamSilenceMs: number;
  #socket: Socket | undefined;
  #isConnected = false;
  #queue: Buffer[] = [];
  #reconnectTimer: NodeJS.Timeout | undefined;
  #failedAt = 0;
  #isClosed = false;
  readonly #sockets = new Set<Socket>();

  constructor(from: string, to: string, onDisconnected: () => void, options: TcpTransportOptions) {
    this.host = to;
    this.#from = from;
    this.#onDisconnected = onDisconnected;
    this.#faults = options.faults ?? noFaults;
    this.#connectTimeoutMs = options.connectTimeoutMs ?? defaultConnectTimeoutMs;
    this.#streamSilenceMs = options.streamSilenceMs ?? defaultStreamSilenceMs;
  }

  send(message: Message): void {
    if (this.#isClosed || this.#faults.isCut(this.#from, this.host, message.kind)) {
      return;
    }
    const bytes = encodeOpMsg({
      requestId: nextRequestId(),
      responseTo: 0,
      moreToCome: true,
      body: encodeDocument({ replSetMessage: 1, message, $db: 'admin' }),
    });
    const socket = this.#socket;
    if (socket !== undefined && this.#isConnected) {
      if (socket.writableLength > unsentBytesMax) {
        socket.destroy();
      } else {
        socket.write(bytes);
      }
      return;
    }
    if (this.#queue.length >= queuedMessagesMax) {
      this.#queue.shift();
    }
    this.#queue.push(bytes);
    this.#connectSoon();
  }

  async request(
    command: Record<string, unknown>,
    timeoutMs: number,
  ): Promise<Record<string, unknown>> {
    const signal = AbortSignal.timeout(timeoutMs);
    for await (const reply of this.#replies({ ...command, $db: 'admin' }, 'request', signal)) {
      return decodeDocument(reply, 0);
    }
    throw unreachable(this.host, 'the connection was closed before the reply');
  }

  async *pull(request: PullRequest, signal: AbortSignal): AsyncGenerator<PullBatch> {
    for await (const reply of this.#replies(pullCommand(request), 'pull', signal)) {
      yield readPullBatch(reply);
    }
  }

  async *clone(request: CloneRequest, signal: AbortSignal): AsyncGenerator<CloneChunk> {
    for await (const reply of this.#replies(cloneCommand(request), 'clone', signal)) {
      yield readCloneChunk(reply);
    }
  }

  reset(): void {
    this.#socket?.destroy();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#reconnectTimer);
    this.#queue = [];
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }

  // -- messages -----------------------------------------------------------------------------------

  #connectSoon(): void {
    if (this.#socket !== undefined || this.#reconnectTimer !== undefined) {
      return;
    }
    const waitMs = this.#failedAt + reconnectDelayMs - performance.now();
    if (waitMs <= 0) {
      this.#connect();
      return;
    }
    this.#reconnectTimer = setTimeout(() => {
      this.#reconnectTimer = undefined;
      this.#connect();
    }, waitMs);
  }

  #connect(): void {
    if (this.#isClosed || this.#isCut('connect')) {
      this.#queue = [];
      return;
    }
    const socket = this.#open();
    this.#socket = socket;
    socket.setTimeout(this.#connectTimeoutMs, () => {
      if (!this.#isConnected) {
        socket.destroy();
      }
    });
    socket.once('connect', () => {
      this.#isConnected = true;
      socket.setTimeout(0);
      for (const bytes of this.#queue.splice(0)) {
        socket.write(bytes);
      }
    });
    socket.once('close', () => {
      this.#socket = undefined;
      this.#isConnected = false;
      this.#queue = [];
      this.#failedAt = performance.now();
      if (!this.#isClosed) {
        this.#onDisconnected();
      }
    });
    socket.resume(); // Nothing is answered here, but the end of the connection must be noticed.
  }

  #open(): Socket {
    const { host, port } = splitHost(this.host);
    const socket = connect({ host, port, noDelay: true });
    this.#sockets.add(socket);
    socket.on('error', () => {}); // 'close' follows and is what counts.
    socket.once('close', () => this.#sockets.delete(socket));
    return socket;
  }

  // -- streams ------------------------------------------------------------------------------------

  /** Bodies of the replies; the last one (without moreToCome) is given too if it carries something. */
  async *#replies(
    command: Record<string, unknown>,
    kind: 'pull' | 'clone' | 'request',
    signal: AbortSignal,
  ): AsyncGenerator<Buffer> {
    const isStream = kind !== 'request';
    if (this.#isClosed || this.#isCut(kind)) {
      throw unreachable(this.host, 'not connected');
    }
    signal.throwIfAborted();
    const socket = this.#open();
    socket.setTimeout(this.#streamSilenceMs, () => socket.destroy());
    const onAbort = () => socket.destroy();
    signal.addEventListener('abort', onAbort, { once: true });
    const unsubscribe = this.#faults.onChange(() => {
      if (this.#isCut(kind)) {
        socket.destroy();
      }
    });
    try {
      socket.write(
        encodeOpMsg({
          requestId: nextRequestId(),
          responseTo: 0,
          exhaustAllowed: isStream,
          body: encodeDocument(command),
        }),
      );
      const reader = new MessageReader();
      for await (const chunk of socket) {
        reader.push(chunk as Buffer);
        for (let message = reader.next(); message !== undefined; message = reader.next()) {
          const { body, hasMore } = readReply(message);
          throwIfRefused(body);
          if (hasMore || !isStream) {
            yield body;
          }
          if (!hasMore) {
            return;
          }
        }
      }
    } catch (error) {
      if (error instanceof MongoServerError) {
        throw error;
      }
      signal.throwIfAborted();
      throw unreachable(this.host, (error as Error).message);
    } finally {
      signal.removeEventListener('abort', onAbort);
      unsubscribe();
      socket.destroy();
    }
  }

  /** A stream needs both directions. */
  #isCut(kind: TrafficKind): boolean {
    const faults = this.#faults;
    return faults.isCut(this.#from, this.host, kind) || faults.isCut(this.host, this.#from, kind);
  }
}

/**
 * The body of an OP_MSG reply from another member. Read here and not by the server's parser: an
 * oplog entry with its pre-image may be larger than what a client may send.
 */
function readReply(message: Buffer): { body: Buffer; hasMore: boolean } {
  const moreToComeFlag = 2;
  const bodyAt = headerLength + 5;
  const end = bodyAt + message.readInt32LE(bodyAt);
  if (message[bodyAt - 1] !== 0 || end > message.length) {
    throw new Error('a reply of another member is no OP_MSG with one body');
  }
  return {
    body: message.subarray(bodyAt, end),
    hasMore: (message.readUInt32LE(headerLength) & moreToComeFlag) !== 0,
  };
}

function throwIfRefused(body: Buffer): void {
  const ok = findField(body, 0, 'ok');
  const isOk = ok === undefined || ok.type !== 1 || ok.buffer.readDoubleLE(ok.start) === 1;
  if (!isOk) {
    const { code, codeName, errmsg } = decodeDocument(body, 0);
    const name = typeof codeName === 'string' ? codeName : Number(code ?? 1);
    throw new MongoServerError(name as number, String(errmsg ?? 'refused'));
  }
}

function unreachable(host: string, why: string): MongoServerError {
  return new MongoServerError(
    'HostUnreachable',
    `Error connecting to ${host} :: caused by :: ${why}`,
  );
}

/** `host:port`, `[::1]:port`, or a host alone on the usual port. */
function splitHost(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  const bracket = address.lastIndexOf(']');
  if (colon <= bracket) {
    return { host: address.replace(/^\[|\]$/g, ''), port: 27017 };
  }
  return {
    host: address.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(address.slice(colon + 1)),
  };
}
