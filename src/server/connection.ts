/**
 * One client's connection: bytes in, commands to dispatch, replies out.
 *
 * - One request at a time, in order. While one is running, reading goes on only far enough to
 *   notice that the client is gone.
 * - All replies made in one turn of the event loop leave in one write, when the turn ends.
 * - When too many reply bytes are waiting for a slow client, no further request is read.
 * - Bytes that are no message close the connection; a message that is no command is answered with
 *   an error. Neither can throw out of here.
 */
import type { Socket } from 'node:net';
import {
  type Compressor,
  decompressMessage,
  MessageReader,
  nextRequestId,
  opcodes,
  parseOpQuery,
  WireError,
  wantsReply,
} from '../../wire/index.ts';
import {
  type ClientConnection,
  type Dispatcher,
  type DispatchRequest,
  type DispatchResult,
  isStream,
  type ReplyStream,
} from '../commands/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { type Pending, ReplyOutbox } from './reply-outbox.ts';
import { readMsgRequest, readQueryRequest } from './requests.ts';
import type { TurnEnd } from './turn-end.ts';

/** Replies waiting in the socket above which no further request is read. */
const pendingReplyBytesMax = 4 * 1024 * 1024;

/** How long replies of a stream follow each other before other work gets its turn. */
const streamSliceMs = 2;

/** How long a closing connection may take to hand over its last replies. */
const closeGraceMs = 1000;

const httpMethods: ReadonlySet<string> = new Set(['GET ', 'HEAD', 'POST', 'PUT ']);

const httpText =
  'It looks like you are trying to access MongoDB over HTTP on the native driver port.\r\n';

export interface ConnectionOwner {
  readonly dispatcher: Dispatcher;
  readonly turnEnd: TurnEnd;
  closed(connection: Connection): void;
  /** Bytes of unfinished messages of all connections changed; false when there are too many. */
  holdBytes(change: number): boolean;
  /** A coarse clock, milliseconds: good enough for time-outs of seconds. */
  readonly coarseNow: number;
}

export class Connection implements ClientConnection {
  readonly id: number;
  readonly openedAt = new Date();
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly localAddress: string;
  readonly localPort: number;
  metadata: Buffer | undefined = undefined;
  appName = '';
  helloOk = false;
  compressors: readonly string[] = [];
  user: string | undefined = undefined;
  isMember = false;
  /** Coarse time at which the message now incomplete began; 0 when none is. */
  incompleteSince = 0;
  lastByteAt = 0;
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  readonly #reader = new MessageReader();
  readonly #outbox: ReplyOutbox;
  /** A request is running that did not answer at once. */
  #busy = false;
  #pumping = false;
  /** Nothing more is read: bad bytes came, or the server stops. */
  #ending = false;
  #closed = false;
  #paused = false;
  #messages = 0;
  /** What the owner was told of the reader's unfinished bytes. */
  #heldBytes = 0;
  #firstBytes = '';

  constructor(id: number, socket: Socket, owner: ConnectionOwner) {
    this.id = id;
    this.#socket = socket;
    this.#owner = owner;
    this.#outbox = new ReplyOutbox(socket, owner.dispatcher, owner.turnEnd);
    this.remoteAddress = socket.remoteAddress ?? 'anonymous unix socket';
    this.remotePort = socket.remotePort ?? 0;
    this.localAddress = socket.localAddress ?? '';
    this.localPort = socket.localPort ?? 0;
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('drain', () => this.#continue());
    // `close` always follows; nothing is to be done before.
    socket.on('error', () => {});
    socket.on('close', () => this.#onClose());
  }

  /** Bytes of replies the client has not taken yet. */
  get pendingReplyBytes(): number {
    return this.#socket.writableLength;
  }

  get isBusy(): boolean {
    return this.#busy;
  }

  /** Ends after the replies that are already made; a running request gets `closeGraceMs`. */
  end(): void {
    if (this.#closed) return;
    this.#ending = true;
    this.#outbox.flush();
    if (!this.#busy) this.#socket.destroySoon();
    const timer = setTimeout(() => this.#socket.destroy(), closeGraceMs);
    timer.unref();
    this.#socket.once('close', () => clearTimeout(timer));
  }

  destroy(): void {
    this.#ending = true;
    this.#outbox.discard();
    this.#releaseHeldBytes();
    this.#socket.destroy();
  }

  #releaseHeldBytes(): void {
    this.#owner.holdBytes(-this.#heldBytes);
    this.#heldBytes = 0;
  }

  // -- bytes in ---------------------------------------------------------------------------------

  #receive(chunk: Buffer): void {
    this.#owner.dispatcher.counters.bytesIn += chunk.length;
    if (this.#ending) return;
    this.lastByteAt = this.#owner.coarseNow;
    if (this.#messages === 0 && this.#firstBytes.length < 4) {
      this.#firstBytes += chunk.toString('latin1', 0, 4);
    }
    this.#reader.push(chunk);
    if (this.#busy) this.#pause();
    else this.#pump();
  }

  /** Handles messages until one has to wait, then sends what was answered. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (!this.#busy && !this.#ending) {
        if (this.#outbox.backlog > pendingReplyBytesMax) {
          this.#pause();
          break;
        }
        const message = this.#reader.next();
        if (message === undefined) break;
        this.#messages++;
        this.#handle(message);
      }
      this.#pumping = false;
    } catch (error) {
      this.#pumping = false;
      this.#refuse(error);
    }
    const held = this.#reader.pendingBytes;
    this.incompleteSince =
      held === 0 || this.#busy ? 0 : this.incompleteSince || this.#owner.coarseNow;
    if (held !== this.#heldBytes) {
      const change = held - this.#heldBytes;
      this.#heldBytes = held;
      if (!this.#owner.holdBytes(change) && change > 0) this.destroy();
    }
    this.#outbox.flushAtTurnEnd();
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  /** After a wait: reads on if nothing else holds it up. */
  #continue(): void {
    if (this.#busy || this.#ending || this.#closed) return;
    if (this.#outbox.backlog > pendingReplyBytesMax) return;
    this.#pump();
    if (this.#paused && !this.#busy && this.#outbox.backlog <= pendingReplyBytesMax) {
      this.#paused = false;
      this.#socket.resume();
    }
  }

  // -- messages ---------------------------------------------------------------------------------

  /** Throws WireError for bytes that are no message. */
  #handle(message: Buffer): void {
    switch (message.readInt32LE(12)) {
      case opcodes.msg:
        this.#handleMsg(message, undefined);
        break;
      case opcodes.compressed:
        this.#handleCompressed(message);
        break;
      case opcodes.query:
        this.#handleQuery(message);
        break;
      default:
        throw new WireError('Unsupported opcode', { closes: true });
    }
  }

  #handleMsg(message: Buffer, compressor: Compressor | undefined): void {
    const pending: Pending = {
      requestId: message.readInt32LE(4),
      legacy: false,
      wantsReply: wantsReply(message),
      compressor,
    };
    let request: DispatchRequest;
    try {
      request = readMsgRequest(message, compressor);
    } catch (error) {
      this.#answer(pending, this.#refusal(error));
      return;
    }
    this.#answer(pending, this.#owner.dispatcher.dispatch(request, this));
  }

  #handleQuery(message: Buffer): void {
    const query = parseOpQuery(message);
    const pending: Pending = {
      requestId: query.requestId,
      legacy: true,
      wantsReply: true,
      compressor: undefined,
    };
    let request: DispatchRequest;
    try {
      request = readQueryRequest(message, query);
    } catch (error) {
      this.#answer(pending, this.#refusal(error));
      return;
    }
    this.#answer(pending, this.#owner.dispatcher.dispatch(request, this));
  }

  /** The reply to a message that is no request; rethrows what closes the connection. */
  #refusal(error: unknown): DispatchResult {
    const { dispatcher } = this.#owner;
    if (!(error instanceof WireError)) return dispatcher.replyOf(error, 'a request');
    if (error.closes) throw error;
    return dispatcher.replyOf(new MongoServerError(error.codeName, error.message), 'a request');
  }

  #handleCompressed(message: Buffer): void {
    const decompressed = decompressMessage(message, (name) => this.compressors.includes(name));
    if (!(decompressed instanceof Promise)) {
      this.#handleDecompressed(decompressed.message, decompressed.compressor);
      return;
    }
    this.#busy = true;
    decompressed.then(
      (result) => {
        this.#busy = false;
        try {
          this.#handleDecompressed(result.message, result.compressor);
        } catch (error) {
          this.#refuse(error);
        }
        this.#outbox.flushAtTurnEnd();
        this.#continue();
      },
      (error: unknown) => {
        this.#busy = false;
        this.#refuse(error);
      },
    );
  }

  #handleDecompressed(message: Buffer, compressor: Compressor): void {
    if (message.readInt32LE(12) !== opcodes.msg) {
      throw new WireError('Only OP_MSG may be compressed', { closes: true });
    }
    this.#handleMsg(message, compressor);
  }

  /** The stream of bytes cannot be trusted any further. */
  #refuse(error: unknown): void {
    if (!(error instanceof WireError)) throw error;
    if (this.#messages === 0 && httpMethods.has(this.#firstBytes.slice(0, 4))) {
      this.#outbox.push(
        Buffer.from(
          `HTTP/1.0 200 OK\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${httpText.length}\r\n\r\n${httpText}`,
        ),
      );
    }
    this.end();
  }

  // -- replies ----------------------------------------------------------------------------------

  #answer(pending: Pending, result: DispatchResult | Promise<DispatchResult>): void {
    if (result instanceof Promise) {
      this.#busy = true;
      // Dispatch never rejects; what is thrown while answering is a fault of ours.
      result.then((answer) => {
        this.#busy = false;
        if (this.#closed) {
          if (isStream(answer)) void answer.stream.return(undefined);
          return;
        }
        this.#answer(pending, answer);
        this.#settle();
      });
    } else if (isStream(result)) {
      this.#busy = true;
      void this.#sendStream(pending, result);
    } else if (pending.wantsReply) {
      const compressing = this.#outbox.reply(result, pending);
      if (compressing === undefined) return;
      this.#busy = true;
      compressing.then(() => {
        this.#busy = false;
        this.#settle();
      });
    }
  }

  /** After a request that took its time: send, then read on. */
  #settle(): void {
    if (this.#ending) this.#outbox.flush();
    else this.#outbox.flushAtTurnEnd();
    if (this.#busy) return;
    if (this.#ending) this.#socket.destroySoon();
    else this.#continue();
  }

  async #sendStream(pending: Pending, { stream }: ReplyStream): Promise<void> {
    let responseTo = pending.requestId;
    let turnAt = performance.now();
    while (!this.#closed && !this.#ending) {
      const { value, done } = await stream.next();
      if (this.#closed) break;
      const last = done === true;
      const requestId = nextRequestId();
      await this.#outbox.reply(value ?? {}, pending, responseTo, requestId, !last);
      responseTo = requestId;
      this.#outbox.flush();
      if (last) break;
      if (this.#socket.writableNeedDrain) await this.#drained();
      // A stream that always has more, to a client that takes all, would never let go of the loop.
      if (performance.now() - turnAt >= streamSliceMs) {
        await new Promise((next) => setImmediate(next));
        turnAt = performance.now();
      }
    }
    // Ends the command too when the client has left, or the server is stopping.
    await stream.return({});
    this.#busy = false;
    this.#settle();
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off('drain', done);
        this.#socket.off('close', done);
        resolve();
      };
      this.#socket.once('drain', done);
      this.#socket.once('close', done);
    });
  }

  #onClose(): void {
    this.#closed = true;
    this.#outbox.discard();
    this.#releaseHeldBytes();
    if (this.#busy) this.#owner.dispatcher.clientGone(this.id);
    this.#owner.closed(this);
  }
}
