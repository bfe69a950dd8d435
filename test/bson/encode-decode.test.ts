import * as bson from 'bson';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BsonType,
  DocumentWriter,
  decodeDocument,
  ElementReader,
  encodeDocument,
  findField,
  findFieldOffset,
  JoinedBinary,
  LentDocument,
  RawArray,
} from '../../src/bson/index.ts';
import { arbitraryDocument } from './arbitrary.ts';

const packageOptions = { useBigInt64: true, promoteBuffers: false, bsonRegExp: true } as const;

function sample(): Record<string, unknown> {
  return {
    find: 'orders',
    filter: { _id: new bson.ObjectId('0123456789abcdef01234567'), é: 'ü'.repeat(30) },
    n: 1,
    x: 1.5,
    negativeZero: -0,
    long: 9007199254740993n,
    yes: true,
    nothing: null,
    when: new Date(-1234567890123),
    at: new bson.Timestamp({ t: 4294967295, i: 7 }),
    list: [1, 'two', [3], { four: 4 }],
    bytes: new bson.Binary(Buffer.from('abc'), 128),
    old: new bson.Binary(Buffer.from('abc'), 2),
    decimal: bson.Decimal128.fromString('0.10'),
    regex: new bson.BSONRegExp('^a', 'i'),
    min: new bson.MinKey(),
    max: new bson.MaxKey(),
    code: new bson.Code('f()'),
    scoped: new bson.Code('f()', { a: 1 }),
    symbol: new bson.BSONSymbol('s'),
  };
}

const small = { size: 5, before: 4, behind: 0 };

describe('encodeDocument', () => {
  test('writes the bytes the bson package writes', () => {
    expect(encodeDocument(sample()).toString('hex')).toBe(
      Buffer.from(bson.serialize(sample())).toString('hex'),
    );
  });

  test('writes what the bson package reads back unchanged', () => {
    fc.assert(
      fc.property(arbitraryDocument(), (document) => {
        const bytes = encodeDocument(document);
        expect(bytes.equals(bson.serialize(document))).toBe(true);
        const decoded = bson.deserialize(bytes, packageOptions);
        expect(encodeDocument(decoded).equals(bson.serialize(decoded))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('leaves undefined fields out and keeps places in arrays', () => {
    expect(decodeDocument(encodeDocument({ a: undefined, b: [undefined, 1] }))).toEqual({
      b: [null, 1],
    });
  });

  test('embeds documents, values and batches as they stand', () => {
    const inner = encodeDocument({ a: 1 });
    const batch = new RawArray();
    for (let i = 0; i < 12; i++) batch.push(inner, 0, inner.length);
    const value = findField(encodeDocument({ v: 7n }), 0, 'v')!;
    const bytes = encodeDocument({ inner, batch, value });
    expect(batch.length).toBe(12);
    expect(bson.deserialize(bytes, packageOptions)).toEqual({
      inner: { a: 1 },
      batch: Array.from({ length: 12 }, () => ({ a: 1 })),
      value: 7n,
    });
  });

  test('embeds batches of any size and number, wherever their documents lie', () => {
    const document = fc.record({
      size: fc.oneof(fc.nat(200), fc.nat(40_000)),
      before: fc.nat(8),
      behind: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(document, { maxLength: 130 }), fc.nat(120), (list, repeats) => {
        const laid = [...list, ...Array.from({ length: repeats }, () => list[0] ?? small)];
        const batch = new RawArray();
        for (const [i, { size, before, behind }] of laid.entries()) {
          const bytes = encodeDocument({ i, text: 'x'.repeat(size) });
          const around = Buffer.concat([Buffer.alloc(before, 1), bytes, Buffer.alloc(behind, 1)]);
          batch.push(around, before, before + bytes.length);
          around.fill(0xff);
        }
        expect(batch.length).toBe(laid.length);
        const length = batch.byteLength;
        const encoded = encodeDocument({ batch, end: 1 });
        expect(encoded.length).toBe(4 + 7 + length + 9 + 1);
        expect(decodeDocument(encoded)).toEqual({
          batch: laid.map(({ size }, i) => ({ i, text: 'x'.repeat(size) })),
          end: 1,
        });
      }),
      { numRuns: 60 },
    );
  });

  test('refuses a NUL in a field name, and is usable afterwards', () => {
    expect(() => encodeDocument({ 'a\0b': 1 })).toThrow('NUL');
    expect(encodeDocument({})).toEqual(Buffer.from([5, 0, 0, 0, 0]));
  });

  test('takes no `_bsontype` of a document for a class', () => {
    const bytes = encodeDocument({ a: { _bsontype: 'ObjectId', id: 'x' } });
    expect(decodeDocument(bytes)).toEqual({ a: { _bsontype: 'ObjectId', id: 'x' } });
  });
});

describe('decodeDocument', () => {
  test('reads what the bson package serialised', () => {
    fc.assert(
      fc.property(arbitraryDocument(), (document) => {
        // Twice through the package: it turns symbols into strings.
        const once = bson.deserialize(bson.serialize(document), packageOptions);
        const bytes = Buffer.from(bson.serialize(once));
        expect(decodeDocument(bytes)).toEqual(bson.deserialize(bytes, packageOptions));
      }),
      { numRuns: 300 },
    );
  });

  test('gives every object id bytes of its own', () => {
    const ids = { a: new bson.ObjectId('a'.repeat(24)), b: new bson.ObjectId('b'.repeat(24)) };
    expect(decodeDocument(encodeDocument(ids))).toEqual(ids);
  });

  test('keeps `__proto__` an ordinary field', () => {
    const writer = new DocumentWriter();
    writer.startDocument();
    writer.startObject('__proto__');
    writer.int32('polluted', 1);
    writer.end();
    writer.end();
    const object = decodeDocument(writer.finish());
    expect(Object.keys(object)).toEqual(['__proto__']);
    expect('polluted' in object).toBe(false);
  });
});

describe('DocumentWriter', () => {
  test('what was handed out in place is never written again', () => {
    const writer = new DocumentWriter(8192);
    const handedOut: { bytes: Buffer; text: string }[] = [];
    for (let i = 0; i < 200; i++) {
      // Now and then one that does not fit into what is left, or into any buffer so far.
      const text = String(i).repeat(i % 50 === 49 ? 20_000 : 1 + ((i * 37) % 900));
      writer.skip(3);
      writer.startDocument();
      writer.startObject('a');
      writer.string('text', text);
      writer.end();
      writer.end();
      const bytes = writer.finishInPlace();
      bytes.fill(0xee, 0, 3);
      handedOut.push({ bytes, text });
    }
    for (const { bytes, text } of handedOut) {
      expect(bytes.subarray(0, 3).toString('hex')).toBe('eeeeee');
      expect(decodeDocument(bytes, 3)).toEqual({ a: { text } });
    }
  });

  test('writes again what all was given back, and nothing else', () => {
    const writer = new DocumentWriter(16 * 1024);
    const lent: { bytes: Buffer; text: string }[] = [];
    let rewinds = 0;
    for (let i = 0; i < 3000; i++) {
      const text = String(i).repeat(1 + ((i * 7919) % 700));
      writer.startDocument();
      writer.string('text', text);
      writer.end();
      const bytes = writer.finishInPlace();
      if (bytes.byteOffset === 0) rewinds++;
      lent.push({ bytes, text });
      // From time to time all but one, sometimes all.
      if (i % 10 === 9) while (lent.length > (i % 70 === 69 ? 0 : 1)) check(lent.shift()!);
    }
    expect(rewinds).toBeGreaterThan(40);

    function check({ bytes, text }: { bytes: Buffer; text: string }): void {
      expect(decodeDocument(bytes)).toEqual({ text });
      writer.giveBack(bytes);
    }
  });

  test('binary data in parts is written as one', () => {
    const whole = Buffer.from(Array.from({ length: 3000 }, (_, i) => i % 251));
    const parts = [whole.subarray(0, 7), whole.subarray(7, 2000), whole.subarray(2000)];
    for (const some of [parts, parts.slice(0, 1), []]) {
      expect(encodeDocument({ a: 1, bulk: new JoinedBinary(some), b: 2 })).toEqual(
        encodeDocument({ a: 1, bulk: new bson.Binary(Buffer.concat(some)), b: 2 }),
      );
    }
  });

  test('a lent document is encoded once, and its writer has the room again', () => {
    const writer = new DocumentWriter(1024);
    const lend = (n: number): LentDocument => {
      writer.startDocument();
      writer.int32('n', n);
      writer.end();
      return new LentDocument(writer);
    };
    const [first, second] = [lend(1), lend(2)];
    expect(decodeDocument(encodeDocument({ first, second }))).toEqual({
      first: { n: 1 },
      second: { n: 2 },
    });
    expect(() => encodeDocument({ first })).toThrow('once');
    const again = lend(3).take();
    expect(again.byteOffset).toBe(0);
  });

  test('goes on after a document that was given up', () => {
    const writer = new DocumentWriter(64);
    writer.startDocument();
    writer.int32('kept', 1);
    writer.end();
    const kept = writer.finishInPlace();
    writer.startDocument();
    writer.string('given up', 'x'.repeat(10_000));
    writer.reset();
    writer.startDocument();
    writer.int32('next', 2);
    writer.end();
    expect(decodeDocument(writer.finishInPlace())).toEqual({ next: 2 });
    expect(decodeDocument(kept)).toEqual({ kept: 1 });
  });
});

describe('ElementReader', () => {
  test('visits every element with its name, type and range', () => {
    const bytes = encodeDocument(sample());
    const reader = new ElementReader(bytes, 0);
    const writer = new DocumentWriter();
    const names: string[] = [];
    writer.startDocument();
    while (reader.next()) {
      names.push(reader.name());
      expect(reader.nameIs(Buffer.from(reader.name()))).toBe(true);
      if (names.length % 2 === 0) writer.element(bytes, reader.elementStart, reader.end);
      else writer.raw(reader.name(), reader.value());
    }
    writer.end();
    expect(names).toEqual(Object.keys(sample()));
    expect(writer.finish().equals(bytes)).toBe(true);
  });
});

describe('findField', () => {
  test('finds the first field of exactly this name', () => {
    const writer = new DocumentWriter();
    writer.startDocument();
    writer.int32('ab', 1);
    writer.int32('a', 2);
    writer.int32('a', 3);
    writer.string('é', 'x');
    writer.end();
    const bytes = writer.finish();
    expect(bytes.readInt32LE(findField(bytes, 0, 'a')!.start)).toBe(2);
    expect(findField(bytes, 0, 'é')!.type).toBe(BsonType.string);
    expect(findField(bytes, 0, 'abc')).toBeUndefined();
    expect(findField(bytes, 0, '')).toBeUndefined();
    expect(findFieldOffset(bytes, 0, Buffer.from('ab'))).toBe(4);
    expect(findFieldOffset(bytes, 0, Buffer.from('b'))).toBe(-1);
  });
});
