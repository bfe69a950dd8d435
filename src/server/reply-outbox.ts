/**
 * The replies of one connection on their way out: made into messages, kept together until the turn
 * of the event loop ends, written to the socket in the order in which they were made.
 */
import {
  type Compressor,
  compressMessage,
  encodeOpReply,
  frameOpMsg,
  maxInternalBsonObjectSize,
  nextRequestId,
  opMsgPrefixLength,
} from '../../wire/index.ts';
import { encodeMessage, giveBackMessage } from '../bson/index.ts';
import type { Dispatcher, ReplyDocument } from '../commands/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { PutOff, TurnEnd } from './turn-end.ts';

/** From so many bytes on it costs more to have them wait than to wake the client for them alone. */
const largeReplyBytes = 32 * 1024;

/** What a request needs to be answered. */
export interface Pending {
  readonly requestId: number;
  readonly legacy: boolean;
  readonly wantsReply: boolean;
  /** The reply is compressed as the request was. */
  readonly compressor: Compressor | undefined;
}

/** What it needs of a socket. */
export interface ReplySocket {
  readonly writableLength: number;
  readonly destroyed: boolean;
  write(bytes: Buffer): unknown;
  cork(): void;
  uncork(): void;
}

export class ReplyOutbox implements PutOff {
  readonly #socket: ReplySocket;
  readonly #dispatcher: Dispatcher;
  readonly #turnEnd: TurnEnd;
  #messages: Buffer[] = [];
  #bytes = 0;
  #isPutOff = false;

  constructor(socket: ReplySocket, dispatcher: Dispatcher, turnEnd: TurnEnd) {
    this.#socket = socket;
    this.#dispatcher = dispatcher;
    this.#turnEnd = turnEnd;
  }

  /** Bytes the client has not taken yet. */
  get backlog(): number {
    return this.#socket.writableLength + this.#bytes;
  }

  /**
   * Puts the reply among the outgoing messages. While it is being compressed, a promise: nothing else
   * may be put in before it.
   */
  reply(
    document: ReplyDocument,
    pending: Pending,
    responseTo = pending.requestId,
    requestId = nextRequestId(),
    moreToCome = false,
  ): Promise<void> | undefined {
    if (pending.legacy) {
      const body = this.#encode(document, 0);
      this.push(encodeOpReply({ requestId, responseTo, document: body }));
      return undefined;
    }
    // The header is filled in before a body that was written behind it: the reply is copied once.
    const message = this.#encode(document, opMsgPrefixLength);
    frameOpMsg(message, requestId, responseTo, moreToCome);
    if (pending.compressor !== undefined && pending.compressor.id !== 0) {
      const compressed = compressMessage(message, pending.compressor);
      if (compressed instanceof Promise) {
        return compressed.then((bytes) => this.#pushCompressed(bytes, message));
      }
      this.#pushCompressed(compressed, message);
    } else {
      this.push(message);
    }
    return undefined;
  }

  /** What does not become shorter is sent as it is. */
  #pushCompressed(compressed: Buffer, message: Buffer): void {
    if (compressed !== message) giveBackMessage(message);
    this.push(compressed);
  }

  /** Bytes as they are. */
  push(message: Buffer): void {
    this.#messages.push(message);
    this.#bytes += message.length;
  }

  /** Writes before the turn ends, with the replies of other connections. */
  flushAtTurnEnd(): void {
    if (this.#bytes >= largeReplyBytes) this.flush();
    if (this.#isPutOff || this.#messages.length === 0) return;
    this.#isPutOff = true;
    this.#turnEnd.add(this);
  }

  runAtTurnEnd(): void {
    this.#isPutOff = false;
    this.flush();
  }

  /** Writes now. */
  flush(): void {
    const messages = this.#messages;
    if (messages.length === 0) return;
    const bytes = this.#bytes;
    this.discard();
    const socket = this.#socket;
    if (socket.destroyed) return;
    this.#dispatcher.counters.bytesOut += bytes;
    if (messages.length === 1) {
      socket.write(messages[0]!);
    } else {
      socket.cork();
      for (const message of messages) socket.write(message);
      socket.uncork();
    }
    // The system has taken it all at once, as it mostly does: nobody looks at these bytes again.
    if (socket.writableLength === 0) for (const message of messages) giveBackMessage(message);
  }

  /** Forgets what was not written. */
  discard(): void {
    this.#messages = [];
    this.#bytes = 0;
  }

  /** A reply that cannot be encoded, or is too large, is a fault of ours and is answered as one. */
  #encode(document: ReplyDocument, prefix: number): Buffer {
    try {
      const bytes = encodeMessage(prefix, document);
      const size = bytes.length - prefix;
      if (size <= maxInternalBsonObjectSize) return bytes;
      throw new MongoServerError(
        'BSONObjectTooLarge',
        `BSONObj size: ${size} is invalid. Size must be between 0 and ${maxInternalBsonObjectSize}`,
      );
    } catch (error) {
      return encodeMessage(prefix, this.#dispatcher.replyOf(error, 'a reply'));
    }
  }
}
