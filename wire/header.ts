/** The 16 bytes every message begins with: length, request id, response to, opcode. */

export const headerLength = 16;

export const opcodes = {
  reply: 1,
  query: 2004,
  compressed: 2012,
  msg: 2013,
} as const;

export interface MessageHeader {
  /** Of the whole message, these 16 bytes included. */
  readonly messageLength: number;
  readonly requestId: number;
  /** The request a reply belongs to, 0 in a request. */
  readonly responseTo: number;
  readonly opcode: number;
}

export function readHeader(message: Buffer): MessageHeader {
  return {
    messageLength: message.readInt32LE(0),
    requestId: message.readInt32LE(4),
    responseTo: message.readInt32LE(8),
    opcode: message.readInt32LE(12),
  };
}

export function writeHeader(target: Buffer, header: MessageHeader): void {
  target.writeInt32LE(header.messageLength, 0);
  target.writeInt32LE(header.requestId, 4);
  target.writeInt32LE(header.responseTo, 8);
  target.writeInt32LE(header.opcode, 12);
}

let lastRequestId = 0;

/** 1, 2, ... 2^31 - 1, 1, ...: unique among the messages in flight of this process. */
export function nextRequestId(): number {
  lastRequestId = lastRequestId === 0x7fffffff ? 1 : lastRequestId + 1;
  return lastRequestId;
}
