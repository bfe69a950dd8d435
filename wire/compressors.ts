/**
 * The compressors of the protocol. Sizes are checked before anything is allocated: what a stream
 * claims about itself is never trusted beyond the size its message declared.
 */
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import * as zstdWasm from '@bokuweb/zstd-wasm';
import snappy from 'snappy';
import { WireError } from './wire-error.ts';

export interface Compressor {
  readonly id: number;
  readonly name: string;
  /** Resolves once the compressor can be used; most can at once. */
  readonly ready?: () => Promise<void>;
  compress(bytes: Buffer): Buffer | Promise<Buffer>;
  /** The result has exactly `size` bytes; anything else is a WireError. */
  decompress(bytes: Buffer, size: number): Buffer | Promise<Buffer>;
}

/** Up to here inflating takes well under a millisecond and stays on the event loop. */
const onLoopBytes = 64 * 1024;

function exactly(bytes: Buffer, size: number): Buffer {
  if (bytes.length !== size) {
    throw new WireError(
      `Decompressing message returned ${bytes.length} bytes instead of the declared ${size}`,
      { closes: true },
    );
  }
  return bytes;
}

function broken(name: string, cause: unknown): WireError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new WireError(`Failed to decompress a ${name} message: ${reason}`, { closes: true });
}

const noop: Compressor = {
  id: 0,
  name: 'noop',
  compress: (bytes) => bytes,
  decompress: exactly,
};

/** The length a raw snappy block begins with, a varint of at most five bytes. */
function snappyLength(bytes: Buffer): number {
  let length = 0;
  for (let index = 0; index < 5 && index < bytes.length; index++) {
    const byte = bytes[index]!;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return length;
  }
  return -1;
}

const snappyCompressor: Compressor = {
  id: 1,
  name: 'snappy',
  compress: (bytes) =>
    bytes.length <= onLoopBytes ? snappy.compressSync(bytes) : snappy.compress(bytes),
  decompress(bytes, size) {
    // Checked first: the library allocates what the stream claims.
    if (snappyLength(bytes) !== size) throw broken('snappy', 'it declares another size');
    if (size > onLoopBytes) {
      return snappy.uncompress(bytes, { asBuffer: true }).then(
        (result) => exactly(result as Buffer, size),
        (error: unknown) => {
          throw broken('snappy', error);
        },
      );
    }
    try {
      return exactly(snappy.uncompressSync(bytes, { asBuffer: true }) as Buffer, size);
    } catch (error) {
      throw error instanceof WireError ? error : broken('snappy', error);
    }
  },
};

const deflate = promisify(zlib.deflate as (bytes: Buffer, done: zlib.CompressCallback) => void);
const inflate = promisify(
  zlib.inflate as (bytes: Buffer, options: zlib.ZlibOptions, done: zlib.CompressCallback) => void,
);

const zlibCompressor: Compressor = {
  id: 2,
  name: 'zlib',
  compress: (bytes) => (bytes.length <= onLoopBytes ? zlib.deflateSync(bytes) : deflate(bytes)),
  decompress(bytes, size) {
    const options = { maxOutputLength: Math.max(1, size) };
    if (size > onLoopBytes) {
      return inflate(bytes, options).then(
        (result) => exactly(result, size),
        (error: unknown) => {
          throw broken('zlib', error);
        },
      );
    }
    try {
      return exactly(zlib.inflateSync(bytes, options), size);
    } catch (error) {
      throw error instanceof WireError ? error : broken('zlib', error);
    }
  },
};

/** The content size in a zstd frame header: undefined if absent, -1 if this is no frame. */
function zstdContentSize(bytes: Buffer): number | undefined {
  if (bytes.length < 6 || bytes.readUInt32LE(0) !== 0xfd2fb528) return -1;
  const descriptor = bytes[4]!;
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  const at = 5 + (singleSegment ? 0 : 1) + dictionaryBytes;
  const flag = descriptor >>> 6;
  const width = flag === 0 ? (singleSegment ? 1 : 0) : 1 << flag;
  if (bytes.length < at + width) return -1;
  switch (width) {
    case 0:
      return undefined;
    case 1:
      return bytes[at]!;
    case 2:
      return bytes.readUInt16LE(at) + 256;
    case 4:
      return bytes.readUInt32LE(at);
    default:
      return Number(bytes.readBigUInt64LE(at));
  }
}

let zstdReady: Promise<void> | undefined;

/** WebAssembly, because node:zlib knows zstd only from Node 22.15 on. */
const zstd: Compressor = {
  id: 3,
  name: 'zstd',
  ready() {
    zstdReady ??= zstdWasm.init();
    return zstdReady;
  },
  compress: (bytes) => Buffer.from(zstdWasm.compress(bytes)),
  decompress(bytes, size) {
    // Checked first: the library allocates what the frame claims, without a limit.
    const claimed = zstdContentSize(bytes);
    if (claimed !== undefined && claimed !== size) {
      throw broken('zstd', 'it declares another size');
    }
    try {
      const result = zstdWasm.decompress(bytes, { defaultHeapSize: Math.max(1, size) });
      return exactly(Buffer.from(result.buffer, result.byteOffset, result.byteLength), size);
    } catch (error) {
      throw error instanceof WireError ? error : broken('zstd', error);
    }
  },
};

const all: readonly Compressor[] = [noop, snappyCompressor, zlibCompressor, zstd];

export function compressorById(id: number): Compressor | undefined {
  return all[id];
}

/** `noop` is no choice of a client's. */
export function compressorByName(name: string): Compressor | undefined {
  return all.find((each) => each.id !== 0 && each.name === name);
}
