/** OP_COMPRESSED: another message, its body compressed: original opcode, size, compressor id. */
import { type Compressor, compressorById } from './compressors.ts';
import { headerLength, opcodes, writeHeader } from './header.ts';
import { maxMessageSizeBytes } from './limits.ts';
import { WireError } from './wire-error.ts';

const prefixLength = headerLength + 9;

/**
 * Commands that must never be compressed, in lower case: compression may still be under
 * negotiation, or their secrets could be guessed from sizes (OP_COMPRESSED specification).
 */
const uncompressedCommands: ReadonlySet<string> = new Set([
  'authenticate',
  'copydb',
  'copydbgetnonce',
  'copydbsaslstart',
  'createuser',
  'getnonce',
  'hello',
  'ismaster',
  'saslcontinue',
  'saslstart',
  'updateuser',
]);

export function mayBeCompressed(commandName: string): boolean {
  return !uncompressedCommands.has(commandName.toLowerCase());
}

export interface Decompressed {
  /** A whole message: header and body as if it had never been compressed. */
  readonly message: Buffer;
  readonly compressor: Compressor;
}

/** Off the event loop when large, hence perhaps a promise. Throws or rejects with WireError. */
export function decompressMessage(
  message: Buffer,
  allowed: (name: string) => boolean,
): Decompressed | Promise<Decompressed> {
  if (message.length < prefixLength) {
    throw new WireError('OP_COMPRESSED is too short', { closes: true });
  }
  const opcode = message.readInt32LE(headerLength);
  const size = message.readInt32LE(headerLength + 4);
  const compressor = compressorById(message[headerLength + 8]!);
  if (opcode === opcodes.compressed) {
    throw new WireError('A compressed message must not be compressed again', { closes: true });
  }
  if (compressor === undefined || (compressor.id !== 0 && !allowed(compressor.name))) {
    throw new WireError('Compression algorithm specified in message is not available', {
      closes: true,
    });
  }
  if (size < 0 || size > maxMessageSizeBytes - headerLength) {
    throw new WireError(`Invalid uncompressed size ${size}`, { closes: true });
  }
  const bytes = compressor.decompress(message.subarray(prefixLength), size);
  return bytes instanceof Promise
    ? bytes.then((each) => rebuild(message, opcode, each, compressor))
    : rebuild(message, opcode, bytes, compressor);
}

function rebuild(
  message: Buffer,
  opcode: number,
  bytes: Buffer,
  compressor: Compressor,
): Decompressed {
  const header = Buffer.alloc(headerLength);
  writeHeader(header, {
    messageLength: headerLength + bytes.length,
    requestId: message.readInt32LE(4),
    responseTo: message.readInt32LE(8),
    opcode,
  });
  return { message: Buffer.concat([header, bytes]), compressor };
}

/** The same message compressed, or itself where that would be longer. */
export function compressMessage(message: Buffer, compressor: Compressor): Buffer | Promise<Buffer> {
  const bytes = compressor.compress(message.subarray(headerLength));
  return bytes instanceof Promise
    ? bytes.then((each) => wrap(message, each, compressor))
    : wrap(message, bytes, compressor);
}

function wrap(message: Buffer, bytes: Buffer, compressor: Compressor): Buffer {
  const length = prefixLength + bytes.length;
  if (length >= message.length) return message;
  const prefix = Buffer.alloc(prefixLength);
  writeHeader(prefix, {
    messageLength: length,
    requestId: message.readInt32LE(4),
    responseTo: message.readInt32LE(8),
    opcode: opcodes.compressed,
  });
  prefix.writeInt32LE(message.readInt32LE(12), headerLength);
  prefix.writeInt32LE(message.length - headerLength, headerLength + 4);
  prefix[headerLength + 8] = compressor.id;
  return Buffer.concat([prefix, bytes]);
}
