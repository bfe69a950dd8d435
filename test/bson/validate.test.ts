import * as bson from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DocumentWriter,
  decodeDocument,
  encodeDocument,
  maxCommandDepth,
  validateDocument,
} from '../../src/bson/index.ts';
import { MongoServerError } from '../../src/errors/index.ts';
import { arbitraryDocument } from './arbitrary.ts';

function check(bytes: Buffer, limit = bytes.length): number {
  return validateDocument(bytes, 0, limit);
}

/** Hexadecimal with spaces; the first four bytes become the right length. */
function document(hex: string): Buffer {
  const body = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const bytes = Buffer.concat([Buffer.alloc(4), body]);
  bytes.writeInt32LE(bytes.length, 0);
  return bytes;
}

function nested(depth: number, kind: 'object' | 'array' | 'scope'): Buffer {
  let inner = encodeDocument({});
  for (let i = 1; i < depth; i++) {
    if (kind === 'scope') {
      const head = Buffer.from('0000000001000000', 'hex');
      const value = Buffer.concat([head, Buffer.from([0]), inner]);
      value.writeInt32LE(value.length, 0);
      inner = document(`0f6100${value.toString('hex')}00`);
    } else {
      inner = document(`${kind === 'object' ? '03' : '04'}3000${inner.toString('hex')}00`);
    }
  }
  return inner;
}

describe('validateDocument', () => {
  test('accepts what the bson package serialises, at any place in a buffer', () => {
    fc.assert(
      fc.property(arbitraryDocument(), fc.nat(9), (object, offset) => {
        const bytes = bson.serialize(object);
        const buffer = Buffer.concat([Buffer.alloc(offset, 1), bytes, Buffer.alloc(3, 1)]);
        const end = offset + bytes.length;
        expect(validateDocument(buffer, offset, end)).toBe(end);
        expect(validateDocument(buffer, offset, buffer.length)).toBe(end);
        expect(() => validateDocument(buffer, offset, end - 1)).toThrow(MongoServerError);
      }),
      { numRuns: 500 },
    );
  });

  test('rejects every truncation', () => {
    fc.assert(
      fc.property(arbitraryDocument(), (object) => {
        const bytes = encodeDocument(object);
        for (let length = 0; length < bytes.length; length++) {
          expect(() => check(Buffer.from(bytes.subarray(0, length)))).toThrow('invalid BSON');
          if (length < 5) continue;
          // The same with a length that agrees.
          const cut = Buffer.from(bytes.subarray(0, length));
          cut.writeInt32LE(length, 0);
          expect(() => check(cut)).toThrow('invalid BSON');
          cut[length - 1] = 0;
          try {
            check(cut);
          } catch (error) {
            expect(error).toBeInstanceOf(MongoServerError);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  test('of flipped bytes lets through only what can be walked to its end', () => {
    fc.assert(
      fc.property(arbitraryDocument(), fc.nat(), fc.nat(255), (object, position, byte) => {
        const bytes = encodeDocument(object);
        bytes[position % bytes.length] = byte;
        try {
          expect(check(bytes)).toBe(bytes.readInt32LE(0));
        } catch (error) {
          expect(error).toBeInstanceOf(MongoServerError);
          return;
        }
        expect(validateDocument(encodeDocument(decodeDocument(bytes)), 0, 1e6)).toBeGreaterThan(4);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['a string of length 0', '02 6100 00000000 00'],
    ['a string of negative length', '02 6100 ffffffff 00 00'],
    ['a string beyond the document', '02 6100 04000000 6100 00'],
    ['a string without NUL', '02 6100 02000000 6162 00'],
    ['bad UTF-8', '02 6100 02000000 ff00 00'],
    ['a surrogate as UTF-8', '02 6100 04000000 eda08000 00'],
    ['bad UTF-8 in a long string', `02 6100 c9000000 ${'61'.repeat(199)}ff 00 00`],
    ['bad UTF-8 in a name', '0a ff00 00'],
    ['bad UTF-8 in a regular expression', '0b 6100 ff00 00 00'],
    ['a NUL in a name', '10 610062 01000000 00'],
    ['a name without end', '0a 616161'],
    ['a wrong terminator', '0a 6100 01'],
    ['no terminator', '0a 6100'],
    ['bytes after the terminator', '00 00'],
    ['an unknown type', '14 6100 00'],
    ['a boolean of 2', '08 6100 02 00'],
    ['an inner document longer than the outer', '03 6100 06000000 00 00'],
    ['an inner document of length 4', '03 6100 04000000 00'],
    ['an inner document that ends too early', '03 6100 06000000 0000 00'],
    ['an inner document that ends too late', '04 6100 05000000 0a 00'],
    ['binary data of negative length', '05 6100 ffffffff 00 00'],
    ['binary data beyond the document', '05 6100 02000000 00 01 00'],
    ['old binary data with another inner length', '05 6100 05000000 02 02000000 01 00'],
    ['code with scope of another length', '0f 6100 0f000000 01000000 00 05000000 00 00'],
    ['code with scope and a longer code', '0f 6100 0e000000 02000000 0000 05000000 00'],
    ['a DBPointer without its id', '0c 6100 01000000 00 00'],
    ['a cut double', '01 6100 00000000 00'],
  ])('rejects %s', (_, hex) => {
    expect(() => check(document(hex))).toThrow('invalid BSON');
  });

  test.each([
    ['a NUL inside a string', '02 6100 03000000 610000 00'],
    ['an empty name', '0a 00 00'],
    ['two fields of one name', '0a 6100 0a 6100 00'],
    ['odd names in an array', '04 6100 09000000 0a 787800 00 00'],
    ['MinKey, MaxKey, undefined', 'ff 6100 7f 6200 06 6300 00'],
    ['a DBPointer', `0c 6100 01000000 00 ${'07'.repeat(12)} 00`],
  ])('accepts %s', (_, hex) => {
    const bytes = document(hex);
    expect(check(bytes)).toBe(bytes.length);
  });

  test.each(['object', 'array', 'scope'] as const)('counts depth through %ss', (kind) => {
    const deepest = nested(200, kind);
    expect(check(deepest)).toBe(deepest.length);
    expect(() => check(nested(201, kind))).toThrow('depth: 200');
    const command = nested(201, kind);
    expect(validateDocument(command, 0, 1e6, { maxDepth: maxCommandDepth })).toBe(command.length);
    expect(() => validateDocument(nested(202, kind), 0, 1e6, { maxDepth: 300 })).toThrow('depth');
    expect(() => validateDocument(nested(11, kind), 0, 1e6, { maxDepth: 10 })).toThrow('depth');
  });

  test('survives a document that nests a million deep', () => {
    const writer = new DocumentWriter();
    writer.startDocument();
    for (let i = 0; i < 1_000_000; i++) writer.startObject('');
    for (let i = 0; i <= 1_000_000; i++) writer.end();
    expect(() => check(writer.finish())).toThrow('depth');
  });
});
