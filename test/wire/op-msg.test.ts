import { deserialize, serialize } from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeOpMsg, type OpMsg, parseOpMsg, WireError } from '../../wire/index.ts';

const body = serialize({ insert: 'c', $db: 'test' });

function documents(message: OpMsg): Record<string, unknown[]> {
  return Object.fromEntries(
    message.sequences.map((sequence) => [
      sequence.identifier,
      sequence.documents.map((each) => deserialize(each.buffer.subarray(each.start, each.end))),
    ]),
  );
}

/** Flags, sections as raw bytes, in a message whose length is right. */
function raw(flags: number, ...sections: Uint8Array[]): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(20), ...sections]);
  bytes.writeInt32LE(bytes.length, 0);
  bytes.writeInt32LE(2013, 12);
  bytes.writeUInt32LE(flags >>> 0, 16);
  return bytes;
}

function kind0(document: Uint8Array = body): Buffer {
  return Buffer.concat([Buffer.from([0]), document]);
}

function kind1(identifier: string, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat([Buffer.from(`${identifier}\0`), ...parts]);
  const head = Buffer.from([1, 0, 0, 0, 0]);
  head.writeInt32LE(4 + content.length, 1);
  return Buffer.concat([head, content]);
}

describe('OP_MSG', () => {
  test('a captured ping of a driver is read', () => {
    const hex =
      '330000000700000000000000dd0700000000000000' +
      '1e0000001070696e6700010000000224646200060000' +
      '0061646d696e0000';
    const message = parseOpMsg(Buffer.from(hex, 'hex'));
    expect(message.requestId).toBe(7);
    expect(deserialize(message.body.buffer.subarray(message.body.start, message.body.end))).toEqual(
      { ping: 1, $db: 'admin' },
    );
  });

  test('what is encoded is read back, with and without checksum', () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        fc.array(fc.record({ a: fc.string(), b: fc.integer() }), { maxLength: 5 }),
        (checksum, moreToCome, exhaustAllowed, rows) => {
          const message = parseOpMsg(
            encodeOpMsg({
              requestId: 5,
              responseTo: 6,
              checksum,
              moreToCome,
              exhaustAllowed,
              body,
              sequences: [
                { identifier: 'documents', documents: rows.map((row) => serialize(row)) },
              ],
            }),
          );
          expect(message).toMatchObject({
            requestId: 5,
            responseTo: 6,
            moreToCome,
            exhaustAllowed,
          });
          expect(documents(message)).toEqual({ documents: rows });
        },
      ),
    );
  });

  test('the sections may come in any order', () => {
    const message = parseOpMsg(raw(0, kind1('documents', serialize({ _id: 1 })), kind0()));
    expect(documents(message)).toEqual({ documents: [{ _id: 1 }] });
  });

  test('any changed byte of a message with a checksum is noticed', () => {
    const good = encodeOpMsg({ requestId: 1, responseTo: 0, checksum: true, body });
    for (let index = 20; index < good.length; index++) {
      const bad = Buffer.from(good);
      bad[index]! ^= 0x10;
      expect(() => parseOpMsg(bad)).toThrow(WireError);
    }
  });

  test.each([16, 17, 18, 31])('optional flag bit %d is ignored', (bit) => {
    expect(parseOpMsg(raw(2 ** bit, kind0())).body.start).toBe(21);
  });

  test.each([2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])(
    'required flag bit %d is refused and closes',
    (bit) => {
      expect(() => parseOpMsg(raw(2 ** bit, kind0()))).toThrow(
        expect.objectContaining({ name: 'WireError', closes: true }),
      );
    },
  );

  test.each<[string, Buffer]>([
    ['no section', raw(0)],
    ['no body', raw(0, kind1('documents', serialize({})))],
    ['two bodies', raw(0, kind0(), kind0())],
    ['an unknown section kind', raw(0, kind0(), Buffer.from([2, 0, 0]))],
    ['three sequences', raw(0, kind0(), kind1('a'), kind1('b'), kind1('c'))],
    ['the same sequence twice', raw(0, kind0(), kind1('a'), kind1('a'))],
    ['a sequence beyond the end', raw(0, kind0(), kind1('a').fill(0x7f, 1, 4))],
    ['an identifier without end', raw(0, kind0(), Buffer.from([1, 7, 0, 0, 0, 65, 65, 65]))],
    ['a document beyond its sequence', raw(0, kind0(), kind1('a', Buffer.from([9, 0, 0, 0, 0])))],
    ['a body cut off', raw(0, kind0(body.subarray(0, body.length - 1)))],
    ['bytes after the body', raw(0, kind0(), Buffer.from([0]))],
  ])('%s is refused', (_name, bytes) => {
    expect(() => parseOpMsg(bytes)).toThrow(WireError);
  });

  test('no bytes at all make the parser throw anything but a WireError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        try {
          parseOpMsg(raw(0, bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
