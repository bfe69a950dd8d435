/**
 * One client's connection: bytes in, commands to dispatch, replies out.
 *
 * - One request at a time, in order. While one is running, reading goes on only far enough to
 *   notice that the client is gone.
 * - All replies made in one turn of the event loop leave in one write.
 * - When too many reply bytes are waiting for a slow client, no further request is read.
 * - Bytes that are no message close the connection; a message that is no command is answered with
 *   an error. Neither can throw out of here.
 */
import type { Socket } from 'node:net';
import {
  type Compressor,
  compressMessage,
  decompressMessage,
  encodeOpReply,
  frameOpMsg,
  MessageReader,
  maxInternalBsonObjectSize,
  mayBeCompressed,
  nextRequestId,
  opcodes,
  opMsgPrefixLength,
  parseOpMsg,
  parseOpQuery,
  WireError,
  wantsReply,
} from '../../wire/index.ts';
import {
  type ClientConnection,
  CommandBody,
  type Dispatcher,
  type DispatchResult,
  isStream,
  type ReplyDocument,
  type ReplyStream,
} from '../commands/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { encodeReply, validateBody } from './documents.ts';

/** Replies waiting in the socket above which no further request is read. */
const pendingReplyBytesMax = 4 * 1024 * 1024;

/** How long replies of a stream follow each other before other work gets its turn. */
const streamSliceMs = 2;

/** How long a closing connection may take to hand over its last replies. */
const closeGraceMs = 1000;

const httpMethods: ReadonlySet<string> = new Set(['GET ', 'HEAD', 'POST', 'PUT ']);

const httpText =
  'It looks like you are trying to access MongoDB over HTTP on the native driver port.\r\n';

/** What a request needs to be answered. */
interface Pending {
  readonly requestId: number;
  readonly legacy: boolean;
  readonly wantsReply: boolean;
  /** The reply is compressed as the request was. */
  readonly compressor: Compressor | undefined;
}

export interface ConnectionOwner {
  readonly dispatcher: Dispatcher;
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
  #outgoing: Buffer[] = [];
  #outgoingBytes = 0;
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
    this.#flush();
    if (!this.#busy) this.#socket.destroySoon();
    const timer = setTimeout(() => this.#socket.destroy(), closeGraceMs);
    timer.unref();
    this.#socket.once('close', () => clearTimeout(timer));
  }

  destroy(): void {
    this.#ending = true;
    this.#outgoing = [];
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
        if (this.#socket.writableLength + this.#outgoingBytes > pendingReplyBytesMax) {
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
    this.#flush();
  }

  #send(bytes: Buffer): void {
    this.#outgoing.push(bytes);
    this.#outgoingBytes += bytes.length;
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
  }

  /** After a wait: reads on if nothing else holds it up. */
  #continue(): void {
    if (this.#busy || this.#ending || this.#closed) return;
    if (this.#socket.writableLength > pendingReplyBytesMax) return;
    this.#pump();
    if (this.#paused && !this.#busy && this.#socket.writableLength <= pendingReplyBytesMax) {
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
    let result: DispatchResult | Promise<DispatchResult>;
    try {
      const parsed = parseOpMsg(message);
      validateBody(parsed.body);
      for (const sequence of parsed.sequences) {
        for (const document of sequence.documents) validateBody(document);
      }
      const body = new CommandBody(message, parsed.body.start, parsed.sequences);
      if (compressor !== undefined && !mayBeCompressed(body.name)) {
        throw new WireError(`${body.name} must not be compressed`, { closes: true });
      }
      result = this.#owner.dispatcher.dispatch(
        { body, exhaustAllowed: parsed.exhaustAllowed && pending.wantsReply, legacy: false },
        this,
      );
    } catch (error) {
      if (error instanceof WireError && error.closes) throw error;
      result = this.#owner.dispatcher.replyOf(asServerError(error), 'a request');
    }
    this.#answer(pending, result);
  }

  #handleQuery(message: Buffer): void {
    const query = parseOpQuery(message);
    const pending: Pending = {
      requestId: query.requestId,
      legacy: true,
      wantsReply: true,
      compressor: undefined,
    };
    let result: DispatchResult | Promise<DispatchResult>;
    try {
      validateBody(query.query);
      const body = new CommandBody(message, query.query.start);
      const name = body.name.toLowerCase();
      if (
        !query.fullCollectionName.endsWith('.$cmd') ||
        (name !== 'hello' && name !== 'ismaster')
      ) {
        throw new MongoServerError(
          'UnsupportedOpQueryCommand',
          `Unsupported OP_QUERY command: ${body.name}. The client driver may require an upgrade. For more details see https://dochub.mongodb.org/core/legacy-opcode-removal`,
        );
      }
      body.database = query.fullCollectionName.slice(0, -'.$cmd'.length);
      result = this.#owner.dispatcher.dispatch({ body, exhaustAllowed: false, legacy: true }, this);
    } catch (error) {
      if (error instanceof WireError && error.closes) throw error;
      result = this.#owner.dispatcher.replyOf(asServerError(error), 'a request');
    }
    this.#answer(pending, result);
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
        this.#flush();
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
      this.#send(
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
      const message = this.#encode(pending.requestId, result, pending, false);
      if (message instanceof Promise) {
        this.#busy = true;
        message.then((compressed) => {
          this.#busy = false;
          this.#send(compressed);
          this.#settle();
        });
      }
    }
  }

  /** After a request that took its time: send, then read on. */
  #settle(): void {
    this.#flush();
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
      const message = this.#encode(responseTo, value ?? {}, pending, !last, requestId);
      if (message instanceof Promise) this.#send(await message);
      responseTo = requestId;
      this.#flush();
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

  /** Puts the reply among the outgoing bytes; a promise of them if it is being compressed. */
  #encode(
    responseTo: number,
    document: ReplyDocument,
    pending: Pending,
    moreToCome: boolean,
    requestId = nextRequestId(),
  ): Promise<Buffer> | undefined {
    if (pending.legacy) {
      const body = this.#encodeBody(document, 0);
      this.#send(encodeOpReply({ requestId, responseTo, document: body }));
      return undefined;
    }
    // The header is filled in before a body that was written behind it: the reply is copied once.
    const message = this.#encodeBody(document, opMsgPrefixLength);
    frameOpMsg(message, { requestId, responseTo, moreToCome });
    if (pending.compressor !== undefined && pending.compressor.id !== 0) {
      const compressed = compressMessage(message, pending.compressor);
      if (compressed instanceof Promise) return compressed;
      this.#send(compressed);
    } else {
      this.#send(message);
    }
    return undefined;
  }

  /** A reply that cannot be encoded, or is too large, is a fault of ours and is answered as one. */
  #encodeBody(document: ReplyDocument, prefix: number): Buffer {
    try {
      const bytes = encodeReply(document, prefix);
      const size = bytes.length - prefix;
      if (size <= maxInternalBsonObjectSize) return bytes;
      throw new MongoServerError(
        'BSONObjectTooLarge',
        `BSONObj size: ${size} is invalid. Size must be between 0 and ${maxInternalBsonObjectSize}`,
      );
    } catch (error) {
      return encodeReply(this.#owner.dispatcher.replyOf(error, 'a reply'), prefix);
    }
  }

  #flush(): void {
    const outgoing = this.#outgoing;
    if (outgoing.length === 0 || this.#pumping) return;
    const { counters } = this.#owner.dispatcher;
    this.#outgoing = [];
    counters.bytesOut += this.#outgoingBytes;
    this.#outgoingBytes = 0;
    if (this.#closed || this.#socket.destroyed) return;
    if (outgoing.length === 1) {
      this.#socket.write(outgoing[0]!);
      return;
    }
    this.#socket.cork();
    for (const buffer of outgoing) this.#socket.write(buffer);
    this.#socket.uncork();
  }

  #onClose(): void {
    this.#closed = true;
    this.#outgoing = [];
    this.#releaseHeldBytes();
    if (this.#busy) this.#owner.dispatcher.clientGone(this.id);
    this.#owner.closed(this);
  }
}

/** For dispatch, which alone makes replies of errors. */
function asServerError(error: unknown): unknown {
  return error instanceof WireError ? new MongoServerError(error.codeName, error.message) : error;
}
