import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32c } from '../../wire/index.ts';

/** Vectors of RFC 3720 B.4 and of the CRC catalogue. */
test.each([
  ['123456789', Buffer.from('123456789'), 0xe3069283],
  ['32 zero bytes', Buffer.alloc(32), 0x8a9136aa],
  ['32 bytes of ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['rising bytes', Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e],
  ['nothing', Buffer.alloc(0), 0],
])('the CRC-32C of %s is the published one', (_name, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected);
});

test('any range has the checksum of a copy of that range', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(20), fc.nat(20), (bytes, from, cut) => {
      const end = Math.max(0, bytes.length - cut);
      const start = Math.min(from, end);
      expect(crc32c(bytes, start, end)).toBe(crc32c(bytes.slice(start, end)));
    }),
  );
});
