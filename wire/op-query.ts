/**
 * OP_QUERY and OP_REPLY, the messages before OP_MSG. Drivers still open a connection with one,
 * because it is understood by every server that ever was. Nothing but the handshake comes this way.
 */
import { headerLength, opcodes, writeHeader } from './header.ts';
import { type DocumentRange, readDocument } from './op-msg.ts';
import { WireError } from './wire-error.ts';

export interface OpQuery {
  readonly requestId: number;
  /** `database.$cmd` for a command. */
  readonly fullCollectionName: string;
  readonly numberToReturn: number;
  readonly query: DocumentRange;
}

export function parseOpQuery(message: Buffer): OpQuery {
  const nameStart = headerLength + 4;
  const nameEnd = message.indexOf(0, nameStart);
  if (nameEnd < 0 || message.length < nameEnd + 1 + 8 + 5) {
    throw new WireError('OP_QUERY is too short', { closes: true });
  }
  return {
    requestId: message.readInt32LE(4),
    fullCollectionName: message.toString('utf8', nameStart, nameEnd),
    numberToReturn: message.readInt32LE(nameEnd + 5),
    query: readDocument(message, nameEnd + 9, message.length),
  };
}

export function encodeOpQuery(message: {
  readonly requestId: number;
  readonly fullCollectionName: string;
  readonly query: Uint8Array;
}): Buffer {
  const nameLength = Buffer.byteLength(message.fullCollectionName) + 1;
  const length = headerLength + 4 + nameLength + 8 + message.query.length;
  const buffer = Buffer.alloc(length);
  writeHeader(buffer, {
    messageLength: length,
    requestId: message.requestId,
    responseTo: 0,
    opcode: opcodes.query,
  });
  buffer.write(message.fullCollectionName, headerLength + 4);
  buffer.writeInt32LE(-1, headerLength + 4 + nameLength + 4);
  buffer.set(message.query, headerLength + 4 + nameLength + 8);
  return buffer;
}

const replyPrefixLength = headerLength + 20;

/** The server can await data: set by every server since 1.6. */
const awaitCapable = 8;

/** An OP_REPLY with one document. */
export function encodeOpReply(message: {
  readonly requestId: number;
  readonly responseTo: number;
  readonly document: Uint8Array;
}): Buffer {
  const length = replyPrefixLength + message.document.length;
  const buffer = Buffer.alloc(length);
  writeHeader(buffer, {
    messageLength: length,
    requestId: message.requestId,
    responseTo: message.responseTo,
    opcode: opcodes.reply,
  });
  buffer.writeInt32LE(awaitCapable, headerLength);
  buffer.writeInt32LE(1, headerLength + 16);
  buffer.set(message.document, replyPrefixLength);
  return buffer;
}

/** The first document of an OP_REPLY. */
export function parseOpReply(message: Buffer): { responseTo: number; document: DocumentRange } {
  if (message.length < replyPrefixLength + 5) {
    throw new WireError('OP_REPLY is too short', { closes: true });
  }
  return {
    responseTo: message.readInt32LE(8),
    document: readDocument(message, replyPrefixLength, message.length),
  };
}
