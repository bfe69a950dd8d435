/**
 * OP_MSG: flag bits, one body document (kind 0), document sequences (kind 1), perhaps a checksum.
 * Requests and replies look alike, so the server and the member-to-member client share this file.
 */
import { crc32c } from './checksum.ts';
import { headerLength, opcodes, writeHeader } from './header.ts';
import { maxDocumentSequences, maxInternalBsonObjectSize } from './limits.ts';
import { WireError } from './wire-error.ts';

const opMsgFlags = {
  checksumPresent: 1 << 0,
  /** The sender will send more, or wants no reply. */
  moreToCome: 1 << 1,
  /** The client accepts several replies to one request. */
  exhaustAllowed: 1 << 16,
} as const;

/** A receiver must know every bit of the lower half that is set; of the upper half it need not. */
const unknownRequiredFlags = 0xffff & ~(opMsgFlags.checksumPresent | opMsgFlags.moreToCome);

/** Bytes of a message before its body document: header, flag bits, kind byte. */
export const opMsgPrefixLength = headerLength + 4 + 1;

/** A document in place: `type` 3 makes it a value as the BSON room knows it. */
export interface DocumentRange {
  readonly buffer: Buffer;
  readonly type: 3;
  readonly start: number;
  readonly end: number;
}

export interface OpMsgSequence {
  readonly identifier: string;
  readonly documents: readonly DocumentRange[];
}

export interface OpMsg {
  readonly requestId: number;
  readonly responseTo: number;
  readonly moreToCome: boolean;
  readonly exhaustAllowed: boolean;
  readonly body: DocumentRange;
  readonly sequences: readonly OpMsgSequence[];
}

const noSequences: readonly OpMsgSequence[] = [];

/**
 * Reads a whole message with its header. Lengths and terminators of the documents are checked,
 * what is inside them is not.
 */
export function parseOpMsg(message: Buffer): OpMsg {
  if (message.length < opMsgPrefixLength + 5) {
    throw new WireError('OP_MSG is too short', { closes: true });
  }
  const flags = message.readUInt32LE(headerLength);
  if ((flags & unknownRequiredFlags) !== 0) {
    throw new WireError(`Message contains illegal flags value: Ob${flags.toString(2)}`, {
      closes: true,
    });
  }
  let end = message.length;
  if ((flags & opMsgFlags.checksumPresent) !== 0) {
    end -= 4;
    if (crc32c(message, 0, end) !== message.readUInt32LE(end)) {
      throw new WireError('OP_MSG checksum does not match contents', { closes: true });
    }
  }
  let body: DocumentRange | undefined;
  let sequences = noSequences;
  let position = headerLength + 4;
  while (position < end) {
    const kind = message[position]!;
    position++;
    if (kind === 0) {
      if (body !== undefined) throw new WireError('Multiple body sections in message');
      body = readDocument(message, position, end);
      position = body.end;
    } else if (kind === 1) {
      if (sequences.length === maxDocumentSequences) {
        throw new WireError('Too many document sequences in OP_MSG', { closes: true });
      }
      const sequenceEnd = end - position < 4 ? -1 : position + message.readInt32LE(position);
      if (sequenceEnd < position + 5 || sequenceEnd > end) {
        throw new WireError('Document sequence has an invalid size');
      }
      const sequence = readSequence(message, position + 4, sequenceEnd);
      if (sequences.some((each) => each.identifier === sequence.identifier)) {
        throw new WireError(`Duplicate document sequence: ${sequence.identifier}`);
      }
      sequences = [...sequences, sequence];
      position = sequenceEnd;
    } else {
      throw new WireError(`Unknown section kind ${kind}`, { closes: true });
    }
  }
  if (body === undefined) throw new WireError('OP_MSG messages must have a body');
  return {
    requestId: message.readInt32LE(4),
    responseTo: message.readInt32LE(8),
    moreToCome: (flags & opMsgFlags.moreToCome) !== 0,
    exhaustAllowed: (flags & opMsgFlags.exhaustAllowed) !== 0,
    body,
    sequences,
  };
}

/** Says only whether a reply is wanted; safe on any bytes, for the answer to a broken message. */
export function wantsReply(message: Buffer): boolean {
  if (message.length < headerLength + 4) return true;
  return (message.readUInt32LE(headerLength) & opMsgFlags.moreToCome) === 0;
}

function readSequence(message: Buffer, start: number, end: number): OpMsgSequence {
  const nameEnd = message.indexOf(0, start);
  if (nameEnd < 0 || nameEnd >= end) {
    throw new WireError('Document sequence has no identifier');
  }
  const documents: DocumentRange[] = [];
  let position = nameEnd + 1;
  while (position < end) {
    const document = readDocument(message, position, end);
    documents.push(document);
    position = document.end;
  }
  return { identifier: message.toString('utf8', start, nameEnd), documents };
}

/** Length and terminator of one document that must end at or before `limit`. */
export function readDocument(message: Buffer, start: number, limit: number): DocumentRange {
  if (limit - start < 5) {
    throw new WireError('Document is cut off by the end of the message', {
      codeName: 'InvalidBSON',
    });
  }
  const length = message.readInt32LE(start);
  if (length < 5 || length > limit - start) {
    throw new WireError(`BSON size ${length} is invalid: it must lie within its message`, {
      codeName: 'InvalidBSON',
    });
  }
  if (length > maxInternalBsonObjectSize) {
    throw new WireError(
      `BSONObj size: ${length} is invalid. Size must be between 0 and ${maxInternalBsonObjectSize}`,
      { codeName: 'BSONObjectTooLarge' },
    );
  }
  if (message[start + length - 1] !== 0) {
    throw new WireError('Document is not terminated', { codeName: 'InvalidBSON' });
  }
  return { buffer: message, type: 3, start, end: start + length };
}

export interface OpMsgToSend {
  readonly requestId: number;
  readonly responseTo: number;
  readonly moreToCome?: boolean;
  readonly exhaustAllowed?: boolean;
  readonly checksum?: boolean;
  readonly body: Uint8Array;
  readonly sequences?: readonly {
    readonly identifier: string;
    readonly documents: readonly Uint8Array[];
  }[];
}

/** One whole message in one buffer. */
export function encodeOpMsg(message: OpMsgToSend): Buffer {
  const { body, sequences, checksum } = message;
  let length = opMsgPrefixLength + body.length + (checksum ? 4 : 0);
  const sizes: number[] = [];
  if (sequences !== undefined) {
    for (const { identifier, documents } of sequences) {
      let size = 4 + Buffer.byteLength(identifier) + 1;
      for (const document of documents) size += document.length;
      sizes.push(size);
      length += 1 + size;
    }
  }
  // Every byte is written below, so none of the pool's old content can be seen.
  const buffer = Buffer.allocUnsafe(length);
  writeOpMsgPrefix(buffer, length, message);
  buffer.set(body, opMsgPrefixLength);
  let position = opMsgPrefixLength + body.length;
  if (sequences !== undefined) {
    for (const [index, { identifier, documents }] of sequences.entries()) {
      buffer[position] = 1;
      buffer.writeInt32LE(sizes[index]!, position + 1);
      position += 5;
      position += buffer.write(identifier, position);
      buffer[position++] = 0;
      for (const document of documents) {
        buffer.set(document, position);
        position += document.length;
      }
    }
  }
  if (checksum) buffer.writeUInt32LE(crc32c(buffer, 0, position), position);
  return buffer;
}

/** Fills in the first `opMsgPrefixLength` bytes of a message whose body stands behind them already. */
export function frameOpMsg(
  message: Buffer,
  requestId: number,
  responseTo: number,
  moreToCome: boolean,
): void {
  writeHeader(message, {
    messageLength: message.length,
    requestId,
    responseTo,
    opcode: opcodes.msg,
  });
  message.writeUInt32LE(moreToCome ? opMsgFlags.moreToCome : 0, headerLength);
  message[headerLength + 4] = 0;
}

function writeOpMsgPrefix(
  target: Buffer,
  messageLength: number,
  message: Omit<OpMsgToSend, 'body'>,
): void {
  const { requestId, responseTo } = message;
  writeHeader(target, { messageLength, requestId, responseTo, opcode: opcodes.msg });
  const flags =
    (message.checksum ? opMsgFlags.checksumPresent : 0) |
    (message.moreToCome ? opMsgFlags.moreToCome : 0) |
    (message.exhaustAllowed ? opMsgFlags.exhaustAllowed : 0);
  target.writeUInt32LE(flags, headerLength);
  target[headerLength + 4] = 0;
}
