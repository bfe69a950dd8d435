import * as bson from 'bson';
import fc from 'fast-check';

const name = fc.string({ maxLength: 6 }).filter((text) => !text.includes('\0'));
const text = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 8 }).filter((s) => !/\p{Surrogate}/u.test(s)),
  fc.constantFrom('', 'a', 'a\0', 'a\0b', 'ab', '\u{10ffff}', '\uffff'),
);

const doubles = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 0.1, 0.5, 2 ** 53, 2 ** 63, -(2 ** 63), 1e300),
  fc.constantFrom(Number.MIN_VALUE, Number.MAX_VALUE, 2 ** 53 + 2, 5, 5.5),
);
const longs = fc.oneof(
  fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  fc.bigInt({ min: -20n, max: 20n }),
  fc.constantFrom((1n << 53n) + 1n, (1n << 53n) - 1n, 1n << 53n, -(1n << 63n), (1n << 63n) - 1n),
);
const decimals = fc
  .oneof(
    fc
      .tuple(
        fc.bigInt({ min: -(10n ** 34n) + 1n, max: 10n ** 34n - 1n }),
        fc.integer({ min: -6176, max: 6111 }),
      )
      .map(([coefficient, exponent]) => `${coefficient}E${exponent}`),
    fc
      .tuple(fc.integer({ min: -3000, max: 3000 }), fc.integer({ min: -3, max: 3 }))
      .map(([coefficient, exponent]) => `${coefficient}E${exponent}`),
    longs.map((long) => `${long}`),
    longs.map((long) => `${long}.5`),
    doubles.map((double) => (Number.isFinite(double) ? double.toPrecision(17) : '1')),
    fc.constantFrom('0', '-0', '0E10', '-0E-6176', '0.10', '0.1', 'NaN', 'Infinity', '-Infinity'),
  )
  .map((digits) => bson.Decimal128.fromStringWithRounding(digits));

/** Any number, of all four types, with many that are nearly or exactly equal. */
export const arbitraryNumber = fc.oneof(
  fc.integer().map((value) => new bson.Int32(value)),
  fc.integer({ min: -6, max: 6 }).map((value) => new bson.Int32(value)),
  doubles.map((value) => new bson.Double(value)),
  longs,
  decimals,
);

const arbitraryScalar = fc.oneof(
  { weight: 4, arbitrary: arbitraryNumber },
  { weight: 2, arbitrary: text },
  text.map((value) => new bson.BSONSymbol(value)),
  fc.constantFrom<unknown>(null, true, false, new bson.MinKey(), new bson.MaxKey()),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((id) => new bson.ObjectId(id)),
  fc
    .tuple(fc.uint8Array({ maxLength: 4 }), fc.constantFrom(0, 2, 5, 128))
    .map(([bytes, subtype]) => new bson.Binary(bytes, subtype)),
  fc
    .tuple(fc.integer({ min: 0, max: 4294967295 }), fc.integer({ min: 0, max: 3 }))
    .map(([t, i]) => new bson.Timestamp({ t, i })),
  fc.tuple(name, fc.constantFrom('', 'i', 'im')).map(([p, o]) => new bson.BSONRegExp(p, o)),
  text.map((value) => new bson.Code(value)),
);

const tree = fc.letrec<{ value: unknown; document: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    { weight: 6, arbitrary: arbitraryScalar },
    { weight: 1, arbitrary: tie('document') },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 4 }) },
    {
      weight: 1,
      arbitrary: fc.tuple(text, tie('document')).map(([code, scope]) => new bson.Code(code, scope)),
    },
  ),
  document: fc
    .array(fc.tuple(name, tie('value')), { maxLength: 4 })
    .map((fields) => Object.fromEntries(fields.filter(([n]) => n !== '__proto__' && n !== '$ref'))),
}));

/** Any value, as something both `encodeDocument` and the bson package serialise the same. */
export function arbitraryValue(): fc.Arbitrary<unknown> {
  return tree.value;
}

export function arbitraryDocument(): fc.Arbitrary<Record<string, unknown>> {
  return tree.document;
}
