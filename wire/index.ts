/** Bytes to messages and back. Knows BSON framing and compression, knows no sockets. */
export { crc32c } from './checksum.ts';
export { type Compressor, compressorByName } from './compressors.ts';
export { headerLength, nextRequestId, opcodes, readHeader } from './header.ts';
export * from './limits.ts';
export { MessageReader } from './message-reader.ts';
export {
  compressMessage,
  decompressMessage,
  mayBeCompressed,
} from './op-compressed.ts';
export {
  type DocumentRange,
  encodeOpMsg,
  frameOpMsg,
  type OpMsg,
  type OpMsgSequence,
  opMsgPrefixLength,
  parseOpMsg,
  wantsReply,
} from './op-msg.ts';
export {
  encodeOpQuery,
  encodeOpReply,
  type OpQuery,
  parseOpQuery,
  parseOpReply,
} from './op-query.ts';
export { WireError, type WireErrorCodeName } from './wire-error.ts';
