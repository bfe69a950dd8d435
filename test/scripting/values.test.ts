/** What functions of clients see of BSON values, and what becomes of what they give. */
import {
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  Double,
  deserialize,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  serialize,
  Timestamp,
  UUID,
} from 'bson';
import { afterAll, describe, expect, test } from 'vitest';
import { BsonType, DocumentWriter, findField, type RawValue } from '../../src/bson/index.ts';
import { MongoServerError } from '../../src/errors/index.ts';
import { ScriptEngine, ScriptRealm } from '../../src/scripting/index.ts';

let limitMs = 5_000;
const engine = new ScriptEngine({ limitMs: () => limitMs, heapBytes: () => 32 * 2 ** 20 });
const realm = new ScriptRealm(engine);

afterAll(() => engine.stop());

function raw(value: unknown): RawValue {
  const bytes = Buffer.from(serialize({ v: value }, { ignoreUndefined: false }));
  const found = findField(bytes, 0, 'v');
  if (found === undefined) throw new Error('nothing was written');
  return found;
}

/** The value as the driver reads it with every type kept, and its type byte. */
function read(value: RawValue): unknown {
  const writer = new DocumentWriter();
  writer.startDocument();
  writer.raw('v', value);
  writer.end();
  return deserialize(writer.finish(), { promoteValues: false, bsonRegExp: true }).v;
}

function run(source: string, ...args: unknown[]): unknown {
  return read(realm.compile(source).call(args.map(raw)));
}

function refusal(source: string, ...args: unknown[]): [number, string] {
  try {
    return [0, String(run(source, ...args))];
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    return [error.code, error.message];
  }
}

const same = 'function(x) { return x; }';

describe('a value that goes in and comes out', () => {
  test.each([
    ['a string', 'é"\u0000\n'],
    ['a boolean', true],
    ['null', null],
    ['a double', new Double(1.5)],
    ['an infinity', new Double(Number.NEGATIVE_INFINITY)],
    ['a negative zero', new Double(-0)],
    ['a long', Long.fromString('9007199254740993')],
    ['the least long', Long.MIN_VALUE],
    ['a decimal', Decimal128.fromString('1.50')],
    ['a decimal without a value', Decimal128.fromString('NaN')],
    ['an object id', new ObjectId('0123456789abcdef01234567')],
    ['a date', new Date(-5)],
    ['a timestamp', new Timestamp({ t: 4_294_967_295, i: 7 })],
    ['a uuid', new UUID('00112233-4455-6677-8899-aabbccddeeff')],
    ['bytes', new Binary(Buffer.from([0, 255]), 128)],
    ['a regular expression', new BSONRegExp('a.b', 'im')],
    ['MinKey', new MinKey()],
    ['MaxKey', new MaxKey()],
    ['a list', [new Double(1), ['a'], { b: null }]],
    ['no fields', {}],
  ])('is the same: %s', (_name, value) => {
    expect(run(same, value)).toEqual(read(raw(value)));
  });

  test('is a double if it was an int32', () => {
    expect(run(same, new Int32(5))).toEqual(new Double(5));
    expect(run(same, [new Int32(5)])).toEqual([new Double(5)]);
  });

  test('keeps its int32s if it is a document, changed or not', () => {
    const document = { a: new Int32(5), b: { c: new Int32(7), d: new Double(1) } };
    expect(run(same, document)).toEqual(document);
    const changed = 'function(x) { x.a += 1; x.b.c += 0.5; x.e = 3; return x; }';
    expect(run(changed, document)).toEqual({
      a: new Int32(6),
      b: { c: new Double(7.5), d: new Double(1) },
      e: new Double(3),
    });
  });

  test('is the same if it is a pattern of another language', () => {
    const possessive = new BSONRegExp('a++', 'i');
    expect(run(same, possessive)).toEqual(possessive);
  });

  test('keeps the order of its fields, and one named __proto__', () => {
    const document = JSON.parse('{"z": "1", "__proto__": "2", "a": "3"}');
    expect(Object.entries(run(same, document) as object)).toEqual(Object.entries(document));
  });
});

describe('what a function gives', () => {
  test.each<[source: string, gives: unknown]>([
    ['function() { return 5; }', new Double(5)],
    ['function() { return NumberInt(5); }', new Int32(5)],
    ['function() { return NumberLong("5"); }', Long.fromNumber(5)],
    ['function() { return new NumberDecimal("5.0"); }', Decimal128.fromString('5.0')],
    ['function() { return ISODate("2020-01-02T03:04:05Z"); }', new Date('2020-01-02T03:04:05Z')],
    ['function() { return new Date(5); }', new Date(5)],
    ['function() { return /a+/gi; }', new BSONRegExp('a+', 'i')],
    ['function() { return HexData(0, "00ff"); }', new Binary(Buffer.from([0, 255]), 0)],
    ['function() { return [MinKey, MaxKey()]; }', [new MinKey(), new MaxKey()]],
    ['function() { return Timestamp(1, 2); }', new Timestamp({ t: 1, i: 2 })],
    ['function() { return function f(x) { return x }; }', new Code('function f(x) { return x }')],
    ['function() { return new Code("x", {y: 1}); }', new Code('x', { y: new Double(1) })],
    ['function() { return ObjectId("0123456789abcdef01234567").str; }', '0123456789abcdef01234567'],
    ['function() { return tojson({a: [1, "b"]}, "", true); }', '{ "a" : [ 1, "b" ] }'],
    ['function() { return hex_md5("a"); }', '0cc175b9c0f1b6a831c399e269772661'],
    ['1 + 1;', new Double(2)],
    ['x = 3; x * 2', new Double(6)],
    ['return 7;', new Double(7)],
    ['var i = 0; for (; i < 3; i++); i', new Double(3)],
  ])('%s', (source, gives) => {
    expect(run(source)).toEqual(gives);
  });

  test('is undefined when it gives nothing', () => {
    expect(realm.compile('function() {}').call([]).type).toBe(BsonType.undefined);
  });

  test('may be made of several arguments, functions among them', () => {
    const source = 'function(f, a, b) { return f(a) + b; }';
    expect(run(source, new Code('function(x) { return x * 2; }'), new Int32(4), 'px')).toBe('8px');
  });

  test('counts with longs as with numbers', () => {
    expect(run('function(x) { return x + 1; }', Long.fromNumber(5))).toEqual(new Double(6));
  });
});

describe('a function that fails', () => {
  test.each<[source: string, code: number, message: RegExp]>([
    ['function() { return a.b; }', 139, /^ReferenceError: .*\ba\b.* :\n@:1:\d+\n$/],
    ['function f() { throw new Error("boom"); }', 139, /^Error: boom :\nf@:1:\d+\n$/],
    ['function() { throw {a: 1}; }', 139, /^uncaught exception: \[object Object\]$/],
    ['function() { throw 5; }', 8, /^uncaught exception: 5$/],
    ['function() { throw undefined; }', 8, /^uncaught exception: undefined$/],
    ['function() { throw {toString() { throw 1; }}; }', 139, /^uncaught exception$/],
    ['function( {', 139, /^SyntaxError: /],
    ['function() { var a = {}; a.a = a; return a; }', 17279, /Do you have a cycle\?$/],
    ['function() { return {"a\\0b": 1}; }', 16985, /contains a null char/],
    ['function() { return {a: 1n}; }', 16662, /unable to convert .* element a$/],
    ['function() { return Symbol(); }', 16662, /unable to convert/],
    ['function() { return BinData(300, ""); }', 139, /subtype/],
    ['function f() { return f() + 1; }', 139, /recursion|stack/],
    [
      'function() { let a = []; for (;;) a.push("x".repeat(1e6) + a.length); }',
      139,
      /^Out of memory$/,
    ],
  ])('%s', (source, code, message) => {
    const [gotCode, gotMessage] = refusal(source);
    expect(gotMessage).toMatch(message);
    expect(gotCode).toBe(code);
  });

  test('leaves a realm that others can use', () => {
    expect(run('function() { return 1; }')).toEqual(new Double(1));
  });
});

describe('a hostile function', () => {
  test.each([
    'function() { for (;;); }',
    'function() { try { for (;;); } catch {} finally { for (;;); } }',
    // Loops of the interpreter's own, which ask nobody whether to go on.
    'function() { new Array(2 ** 32 - 1).sort(); }',
    'function() { return /(a+)+$/.test("a".repeat(40) + "b"); }',
    'function() { sleep(60000); }',
    'function() {}), new Array(2 ** 32 - 1).sort(), (function() {}',
  ])('ends when its time is over: %s', (source) => {
    limitMs = 100;
    try {
      expect(refusal(source)).toEqual([11601, 'JavaScript execution interrupted']);
    } finally {
      limitMs = 5_000;
    }
    expect(run('function() { return 1; }')).toEqual(new Double(1));
  });

  test('ends with its operation', () => {
    const killed = new MongoServerError('Interrupted', 'operation was interrupted');
    const checked = new ScriptRealm(engine, () => {
      throw killed;
    });
    expect(() => checked.compile('function() { for (;;); }').call([])).toThrow(killed);
    expect(() => checked.compile('function() { sleep(60000); }').call([])).toThrow(killed);
  });

  test('harms nobody but itself by what it does to the types of its realm', () => {
    const tampering = `function() {
      Object.prototype.toJSON = () => 5;
      Array.prototype[Symbol.iterator] = null;
      JSON.stringify = JSON.parse = () => { throw 1; };
      Object.keys = () => ['x'];
      globalThis.NumberLong = null;
      return {a: [1, NumberInt(2)]};
    }`;
    const own = new ScriptRealm(engine);
    expect(read(own.compile(tampering).call([]))).toEqual({ a: [new Double(1), new Int32(2)] });
    expect(read(own.compile(same).call([raw({ a: Long.ONE })]))).toEqual({ a: Long.ONE });
    expect(run(same, { a: Long.ONE })).toEqual({ a: Long.ONE });
  });

  test('finds nothing of the host', () => {
    const names = run(`function() {
      return ['process', 'require', 'fetch', 'setTimeout', 'WebAssembly', 'console', 'std', 'os']
        .filter((name) => name in globalThis);
    }`);
    expect(names).toEqual([]);
  });

  test('keeps its globals from other realms', () => {
    run('function() { secret = 5; }');
    expect(run('function() { return typeof secret; }')).toBe('number');
    const other = new ScriptRealm(engine);
    expect(read(other.compile('function() { return typeof secret; }').call([]))).toBe('undefined');
  });

  test('is made anew when its realm made room for those of others', () => {
    const first = new ScriptRealm(engine).compile('function() { return 1; }');
    expect(read(first.call([]))).toEqual(new Double(1));
    for (let i = 0; i < 9; i++) new ScriptRealm(engine).compile('function() {}').call([]);
    expect(read(first.call([]))).toEqual(new Double(1));
  });
});
