import { serialize } from 'bson';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  compressMessage,
  compressorByName,
  decompressMessage,
  encodeOpMsg,
  mayBeCompressed,
  opcodes,
  readHeader,
  WireError,
} from '../../wire/index.ts';

const names = ['snappy', 'zlib', 'zstd'] as const;
const anyOf = () => true;

function message(size: number): Buffer {
  const body = serialize({ insert: 'c', padding: 'abc'.repeat(size / 3) });
  return encodeOpMsg({ requestId: 9, responseTo: 3, body });
}

beforeAll(async () => {
  await compressorByName('zstd')!.ready!();
});

async function attempt(bytes: Buffer): Promise<unknown> {
  try {
    return await decompressMessage(bytes, anyOf);
  } catch (error) {
    return error;
  }
}

describe.each(names)('OP_COMPRESSED with %s', (name) => {
  const compressor = compressorByName(name)!;

  test.each([300, 200_000, 3_000_000])('%d bytes come back as they were', async (size) => {
    const original = message(size);
    const compressed = await compressMessage(original, compressor);
    expect(compressed.length).toBeLessThan(original.length);
    expect(readHeader(compressed)).toMatchObject({
      opcode: opcodes.compressed,
      requestId: 9,
      responseTo: 3,
      messageLength: compressed.length,
    });
    const { message: back } = await decompressMessage(compressed, anyOf);
    expect(back.equals(original)).toBe(true);
  });

  test.each([300, 200_000])('a lying size is refused, both ways, of %d bytes', async (size) => {
    const compressed = await compressMessage(message(size), compressor);
    const real = compressed.readInt32LE(20);
    for (const lie of [0, 1, real - 1, real + 1, real * 2, -1, 48_000_000, 2 ** 31 - 1]) {
      const bytes = Buffer.from(compressed);
      bytes.writeInt32LE(lie, 20);
      expect(await attempt(bytes), `declared ${lie} of ${real}`).toBeInstanceOf(WireError);
    }
  });

  test('truncated and flipped streams are refused or give the declared size', async () => {
    const compressed = await compressMessage(message(300), compressor);
    for (let length = 16; length < compressed.length; length++) {
      expect(await attempt(compressed.subarray(0, length))).toBeInstanceOf(WireError);
    }
    for (let index = 25; index < compressed.length; index++) {
      const bytes = Buffer.from(compressed);
      bytes[index]! ^= 0x55;
      const result = await attempt(bytes);
      if (result instanceof WireError) continue;
      expect((result as { message: Buffer }).message.length).toBe(16 + bytes.readInt32LE(20));
    }
  });
});

test('a bomb that claims little is not inflated', async () => {
  for (const name of names) {
    const compressed = await compressMessage(message(3_000_000), compressorByName(name)!);
    compressed.writeInt32LE(100, 20);
    const before = process.memoryUsage().arrayBuffers;
    expect(await attempt(compressed)).toBeInstanceOf(WireError);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  }
});

test('a compressor that was not agreed on, is unknown or is nested is refused', async () => {
  const compressed = await compressMessage(message(300), compressorByName('zlib')!);
  expect(() => decompressMessage(compressed, (name) => name === 'snappy')).toThrow(WireError);
  const unknown = Buffer.from(compressed);
  unknown[24] = 77;
  expect(() => decompressMessage(unknown, anyOf)).toThrow(WireError);
  const nested = Buffer.from(compressed);
  nested.writeInt32LE(opcodes.compressed, 16);
  expect(() => decompressMessage(nested, anyOf)).toThrow(WireError);
});

test('a message that would grow is sent as it is', async () => {
  const body = serialize({ ok: 1 });
  const original = encodeOpMsg({ requestId: 1, responseTo: 1, body });
  expect(await compressMessage(original, compressorByName('zlib')!)).toBe(original);
});

test('handshake and passwords are never compressed', () => {
  expect(['hello', 'isMaster', 'saslStart', 'createUser'].some(mayBeCompressed)).toBe(false);
  expect(['find', 'insert', 'ping'].every(mayBeCompressed)).toBe(true);
});
