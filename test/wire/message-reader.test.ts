import { serialize } from 'bson';
import { describe, expect, test } from 'vitest';
import { encodeOpMsg, MessageReader, WireError } from '../../wire/index.ts';

function message(requestId: number, size = 10): Buffer {
  const body = serialize({ ping: 1, padding: 'x'.repeat(size) });
  return encodeOpMsg({ requestId, responseTo: 0, body });
}

function readAll(reader: MessageReader, chunk: Buffer): Buffer[] {
  reader.push(chunk);
  const messages: Buffer[] = [];
  for (let next = reader.next(); next !== undefined; next = reader.next()) messages.push(next);
  return messages;
}

describe('message reader', () => {
  test('a message in one chunk is a range of it', () => {
    const bytes = message(1);
    const [read] = readAll(new MessageReader(), bytes);
    expect(read?.buffer).toBe(bytes.buffer);
    expect(read).toEqual(bytes);
  });

  test('three messages cut at any byte come out whole', () => {
    const expected = [message(1), message(2, 300), message(3)];
    const stream = Buffer.concat(expected);
    for (let cut = 0; cut <= stream.length; cut++) {
      const reader = new MessageReader();
      const read = [
        ...readAll(reader, stream.subarray(0, cut)),
        ...readAll(reader, stream.subarray(cut)),
      ];
      expect(read.length).toBe(3);
      for (const [index, each] of read.entries()) expect(each.equals(expected[index]!)).toBe(true);
      expect(reader.pendingBytes).toBe(0);
    }
  });

  test('bytes that drip one by one come out whole', () => {
    const expected = [message(1), message(2, 70)];
    const reader = new MessageReader();
    const read = [...Buffer.concat(expected)].flatMap((byte) =>
      readAll(reader, Buffer.from([byte])),
    );
    expect(read).toEqual(expected);
  });

  test('a large message is gathered from many chunks', () => {
    const expected = message(1, 3_000_000);
    const reader = new MessageReader();
    const read: Buffer[] = [];
    for (let position = 0; position < expected.length; position += 65_536) {
      read.push(...readAll(reader, expected.subarray(position, position + 65_536)));
    }
    expect(read.length).toBe(1);
    expect(read[0]!.equals(expected)).toBe(true);
  });

  test.each([-2147483648, -1, 0, 15, 48_000_001, 2147483647])(
    'an announced length of %d is refused',
    (length) => {
      const bytes = message(1);
      bytes.writeInt32LE(length, 0);
      expect(() => readAll(new MessageReader(), bytes)).toThrow(WireError);
      const split = new MessageReader();
      readAll(split, bytes.subarray(0, 2));
      expect(() => readAll(split, bytes.subarray(2))).toThrow(WireError);
    },
  );

  test('an announced length reserves no memory before the bytes arrive', () => {
    const header = Buffer.alloc(16);
    header.writeInt32LE(48_000_000, 0);
    header.writeInt32LE(2013, 12);
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 100 }, () => {
      const reader = new MessageReader();
      readAll(reader, header);
      return reader;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
    expect(readers.every((reader) => reader.pendingBytes === 16)).toBe(true);
  });
});
