/** Messages no client would send: the families of hostile input, each case with a name. */
import { deflateSync } from 'node:zlib';
import { serialize } from 'bson';
import { crc32c } from '../../wire/index.ts';

export interface HostileCase {
  readonly name: string;
  readonly bytes: Buffer;
  /** Sent first, and answered, on the same connection. */
  readonly before?: Buffer;
  /** The client closes its half after the bytes. */
  readonly thenEnds?: boolean;
}

const utf8 = new TextEncoder();

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value | 0);
  return bytes;
}

/** Header with a true length around anything. */
function framed(opcode: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([int32(16 + content.length), int32(7), int32(0), int32(opcode), content]);
}

export function opMsg(flags: number, ...sections: Uint8Array[]): Buffer {
  return framed(2013, int32(flags), ...sections);
}

export function body(document: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0]), document]);
}

function sequence(identifier: string, ...content: Uint8Array[]): Buffer {
  const inside = Buffer.concat([utf8.encode(`${identifier}\0`), ...content]);
  return Buffer.concat([Buffer.from([1]), int32(4 + inside.length), inside]);
}

const ping = Buffer.from(serialize({ ping: 1, $db: 'admin' }));
const goodMessage = opMsg(0, body(ping));

/** A document from raw elements, with a right length and terminator. */
function rawDocument(...elements: Uint8Array[]): Buffer {
  const inside = Buffer.concat(elements);
  return Buffer.concat([int32(inside.length + 5), inside, Buffer.from([0])]);
}

function element(type: number, name: Uint8Array | string, ...value: Uint8Array[]): Buffer {
  const key = typeof name === 'string' ? utf8.encode(name) : name;
  return Buffer.concat([Buffer.from([type]), key, Buffer.from([0]), ...value]);
}

const pingElements = [
  element(16, 'ping', int32(1)),
  element(2, '$db', int32(6), utf8.encode('admin\0')),
];

/** A ping that carries one more element. */
function pingWith(...elements: Uint8Array[]): Buffer {
  return opMsg(0, body(rawDocument(...pingElements, ...elements)));
}

function lengths(): HostileCase[] {
  const announced = [
    ...Array.from({ length: 16 }, (_, length) => length),
    -1,
    -16,
    -2147483648,
    48_000_001,
    2147483647,
    0x20544547,
  ];
  const cases: HostileCase[] = announced.map((length) => {
    const bytes = Buffer.from(goodMessage);
    bytes.writeInt32LE(length, 0);
    return { name: `announced length ${length}`, bytes };
  });
  for (const size of [1, 3, 4, 15, 16, 17, 20, 21, 25, goodMessage.length - 1]) {
    const bytes = goodMessage.subarray(0, size);
    cases.push({ name: `cut after ${size} bytes`, bytes, thenEnds: true });
  }
  for (const size of [16, 17, 19, 20, 21, 24, 25]) {
    const bytes = Buffer.from(goodMessage.subarray(0, size));
    bytes.writeInt32LE(size, 0);
    cases.push({ name: `a whole OP_MSG of ${size} bytes`, bytes });
  }
  const long = Buffer.from(goodMessage);
  long.writeInt32LE(long.length + 1, 0);
  cases.push({ name: 'one byte longer than its body', bytes: Buffer.concat([long, int32(0)]) });
  return cases;
}

function opcodes(): HostileCase[] {
  return [0, 1, 2, 1000, 2001, 2002, 2003, 2005, 2006, 2007, 2010, 2011, 2014, -1, 2147483647].map(
    (opcode) => ({ name: `opcode ${opcode}`, bytes: framed(opcode, int32(0), body(ping)) }),
  );
}

function flags(): HostileCase[] {
  const cases: HostileCase[] = [];
  for (let bit = 2; bit < 16; bit++) {
    cases.push({ name: `required flag bit ${bit}`, bytes: opMsg(1 << bit, body(ping)) });
  }
  cases.push({ name: 'checksum flag without checksum', bytes: opMsg(1, body(ping)) });
  cases.push({ name: 'checksum flag on nothing', bytes: opMsg(1) });
  const summed = opMsg(1, body(ping), int32(0));
  summed.writeUInt32LE(crc32c(summed, 0, summed.length - 4), summed.length - 4);
  for (const position of [4, 8, 20, 21, 30, summed.length - 5, summed.length - 1]) {
    const bytes = Buffer.from(summed);
    bytes[position]! ^= 1;
    cases.push({ name: `checksum after a change at ${position}`, bytes });
  }
  return cases;
}

function sections(): HostileCase[] {
  const cases: HostileCase[] = [
    ['no section', opMsg(0)],
    ['only a sequence', opMsg(0, sequence('documents', serialize({})))],
    ['two bodies', opMsg(0, body(ping), body(ping))],
    ['a body after a body and a sequence', opMsg(0, body(ping), sequence('a'), body(ping))],
    ['three sequences', opMsg(0, body(ping), sequence('a'), sequence('b'), sequence('c'))],
    ['the same sequence twice', opMsg(0, body(ping), sequence('a'), sequence('a'))],
    ['a sequence named as a field', opMsg(0, body(ping), sequence('ping', serialize({})))],
    ['a sequence named as $db', opMsg(0, body(ping), sequence('$db', serialize({})))],
    [
      'an identifier without end',
      opMsg(0, body(ping), Buffer.from([1, 8, 0, 0, 0, 65, 65, 65, 65])),
    ],
    ['a sequence without identifier', opMsg(0, body(ping), Buffer.from([1, 4, 0, 0, 0]))],
    ['a sequence without size', opMsg(0, body(ping), Buffer.from([1, 4, 0]))],
    ['a kind byte alone', opMsg(0, body(ping), Buffer.from([1]))],
    ['bytes after the last section', opMsg(0, body(ping), Buffer.from([0]))],
    ['four bytes after the last section', opMsg(0, body(ping), int32(0))],
    ['a document cut off in a sequence', opMsg(0, body(ping), sequence('a', int32(5)))],
    [
      'a document of 4 bytes in a sequence',
      opMsg(0, body(ping), sequence('a', int32(4), int32(0))),
    ],
    ['a document beyond its sequence', opMsg(0, body(ping), sequence('a', int32(99), int32(0)))],
    ['a negative document in a sequence', opMsg(0, body(ping), sequence('a', int32(-5), int32(0)))],
  ].map(([name, bytes]) => ({ name: name as string, bytes: bytes as Buffer }));
  for (const size of [-2147483648, -1, 0, 1, 2, 3, 4, 1000, 2147483647]) {
    const bad = sequence('a', serialize({ a: 1 }));
    bad.writeInt32LE(size, 1);
    cases.push({ name: `a sequence of size ${size}`, bytes: opMsg(0, body(ping), bad) });
  }
  for (const kind of [2, 3, 127, 128, 255]) {
    const bytes = opMsg(0, body(ping), Buffer.concat([Buffer.from([kind]), ping]));
    cases.push({ name: `section kind ${kind}`, bytes });
  }
  return cases;
}

function bodyLengths(): HostileCase[] {
  return [
    -2147483648,
    -1,
    0,
    1,
    4,
    5,
    6,
    ping.length - 1,
    ping.length + 1,
    16_793_601,
    2147483647,
  ].map((length) => {
    const document = Buffer.from(ping);
    document.writeInt32LE(length, 0);
    return { name: `a body that says ${length}`, bytes: opMsg(0, body(document)) };
  });
}

function query(): HostileCase[] {
  const opQuery = (name: string, document: Uint8Array, terminator = '\0'): Buffer =>
    framed(2004, int32(0), utf8.encode(name + terminator), int32(0), int32(-1), document);
  const broken = Buffer.from(serialize({ hello: 1 }));
  broken[broken.length - 1] = 1;
  return [
    ['OP_QUERY find', opQuery('test.c', serialize({ a: 1 }))],
    ['OP_QUERY of another command', opQuery('admin.$cmd', serialize({ ping: 1 }))],
    ['OP_QUERY hello on a collection', opQuery('admin.c', serialize({ hello: 1 }))],
    ['OP_QUERY of nothing', opQuery('admin.$cmd', serialize({}))],
    ['OP_QUERY without terminator', opQuery('admin.$cmd', broken)],
    ['OP_QUERY without query', opQuery('admin.$cmd', Buffer.alloc(0))],
    ['OP_QUERY without end of name', framed(2004, int32(0), utf8.encode('admin.$cmd'))],
    ['OP_QUERY of 16 bytes', framed(2004)],
  ].map(([name, bytes]) => ({ name: name as string, bytes: bytes as Buffer }));
}

function compressed(): HostileCase[] {
  const wrap = (id: number, size: number, bytes: Uint8Array, opcode = 2013): Buffer =>
    framed(2012, int32(opcode), int32(size), Buffer.from([id]), bytes);
  const plain = goodMessage.subarray(16);
  const negotiate = opMsg(
    0,
    body(serialize({ hello: 1, compression: ['zlib', 'snappy', 'zstd'], $db: 'admin' })),
  );
  const good = deflateSync(plain);
  const hello = opMsg(0, body(serialize({ hello: 1, $db: 'admin' }))).subarray(16);
  const bomb = deflateSync(Buffer.alloc(40_000_000));
  const cases: [string, Buffer][] = [
    ['a bomb that says little', wrap(2, 100, bomb)],
    ['hello inside', wrap(2, hello.length, deflateSync(hello))],
    ['hello inside noop', wrap(0, hello.length, hello)],
    ['nested', wrap(2, plain.length, good, 2012)],
    ['OP_QUERY inside', wrap(2, plain.length, good, 2004)],
    ['an unknown opcode inside', wrap(2, plain.length, good, 5)],
    ['zlib called snappy', wrap(1, plain.length, good)],
    ['zlib called zstd', wrap(3, plain.length, good)],
    ['zlib called noop', wrap(0, plain.length, good)],
    ['no bytes', wrap(2, plain.length, Buffer.alloc(0))],
    ['no bytes, no size', wrap(2, 0, Buffer.alloc(0))],
    ['snappy of no bytes', wrap(1, 10, Buffer.alloc(0))],
    ['zstd of no bytes', wrap(3, 10, Buffer.alloc(0))],
    ['snappy that says 4 GB', wrap(1, 100, Buffer.from([255, 255, 255, 255, 15, 0, 0]))],
    [
      'zstd that says 2 GB',
      wrap(3, 100, Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0x80, 1, 0, 0])),
    ],
    ['an empty message inside', wrap(0, 0, Buffer.alloc(0))],
    ['a prefix cut short', framed(2012, int32(2013), int32(5))],
    ['nothing behind the header', framed(2012)],
  ];
  for (const id of [4, 5, 127, 128, 255]) {
    cases.push([`compressor ${id}`, wrap(id, plain.length, good)]);
  }
  for (const size of [-2147483648, -1, 0, 1, plain.length - 1, plain.length + 1, 48_000_000]) {
    cases.push([`a size of ${size}`, wrap(2, size, good)]);
  }
  for (const cut of [1, 2, 3, good.length - 5, good.length - 1]) {
    cases.push([`a stream cut after ${cut}`, wrap(2, plain.length, good.subarray(0, cut))]);
  }
  const out: HostileCase[] = cases.map(([name, bytes]) => ({
    name: `compressed: ${name}`,
    bytes,
    before: negotiate,
  }));
  for (const id of [1, 2, 3]) {
    out.push({ name: `compressed: ${id} not agreed on`, bytes: wrap(id, plain.length, good) });
  }
  return out;
}

function values(): HostileCase[] {
  const text = utf8.encode('abc\0');
  const scope = Buffer.from(serialize({}));
  const cases: [string, Buffer][] = [];
  for (const [type, name] of [
    [2, 'string'],
    [13, 'javascript'],
    [14, 'symbol'],
  ] as const) {
    for (const length of [-2147483648, -1, 0, 3, 5, 100, 2147483647]) {
      cases.push([`${name} of length ${length}`, element(type, 'x', int32(length), text)]);
    }
    cases.push([`${name} without NUL`, element(type, 'x', int32(4), utf8.encode('abcd'))]);
    cases.push([`${name} without bytes`, element(type, 'x')]);
  }
  for (const [type, name] of [
    [3, 'object'],
    [4, 'array'],
  ] as const) {
    for (const length of [-2147483648, -1, 0, 4, 6, 100, 2147483647]) {
      cases.push([
        `${name} of length ${length}`,
        element(type, 'x', int32(length), Buffer.from([0])),
      ]);
    }
    cases.push([`${name} without terminator`, element(type, 'x', int32(5), Buffer.from([7]))]);
  }
  for (const length of [-2147483648, -1, 100, 2147483647]) {
    cases.push([`binary of length ${length}`, element(5, 'x', int32(length), Buffer.from([0, 1]))]);
  }
  cases.push([
    'old binary with a lying inner length',
    element(5, 'x', int32(5), Buffer.from([2, 9, 0, 0, 0, 1])),
  ]);
  cases.push(['regex without end', element(11, 'x', utf8.encode('abc'))]);
  cases.push(['dbPointer cut off', element(12, 'x', int32(2), utf8.encode('a\0'), int32(0))]);
  cases.push(['dbPointer of length 0', element(12, 'x', int32(0), Buffer.alloc(13))]);
  for (const value of [2, 3, 127, 255])
    cases.push([`bool ${value}`, element(8, 'x', Buffer.from([value]))]);
  for (const length of [-1, 0, 4, 13, 100, 2147483647]) {
    cases.push([
      `code with scope of length ${length}`,
      element(15, 'x', int32(length), int32(1), Buffer.from([0]), scope),
    ]);
  }
  cases.push([
    'code with scope with a lying string',
    element(15, 'x', int32(14), int32(99), Buffer.from([0]), scope),
  ]);
  for (const [type, name, size] of [
    [1, 'double', 7],
    [7, 'objectId', 11],
    [9, 'date', 7],
    [16, 'int', 3],
    [17, 'timestamp', 7],
    [18, 'long', 7],
    [19, 'decimal', 15],
  ] as const) {
    cases.push([`${name} of ${size} bytes`, element(type, 'x', Buffer.alloc(size, 0x41))]);
  }
  for (const type of [20, 21, 32, 64, 100, 126, 128, 200, 254]) {
    cases.push([`type ${type}`, element(type, 'x', int32(1))]);
  }
  for (const [name, bytes] of [
    ['a lone continuation byte', [0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a cut sequence', [0xe2, 0x82]],
    ['beyond Unicode', [0xf4, 0x90, 0x80, 0x80]],
    ['0xff', [0xff]],
  ] as const) {
    const bad = Buffer.from(bytes);
    cases.push([
      `${name} in a string`,
      element(2, 'x', int32(bad.length + 1), bad, Buffer.from([0])),
    ]);
    cases.push([`${name} in a name`, element(16, bad, int32(1))]);
  }
  cases.push(['a name without end', Buffer.from([16, 0x78, 0x79])]);
  return cases.map(([name, bytes]) => ({ name: `bson: ${name}`, bytes: pingWith(bytes) }));
}

function nested(depth: number, type: 3 | 4): Buffer {
  let inner = rawDocument();
  for (let level = 0; level < depth; level++) inner = rawDocument(element(type, '0', inner));
  return inner;
}

/** Nested without building every level by a copy: 10,000 levels of `{0: {0: ...`. */
function deep(depth: number): Buffer {
  const bytes = Buffer.alloc(depth * 8 + 5);
  for (let level = 0; level <= depth; level++) {
    bytes.writeInt32LE((depth - level) * 8 + 5, level * 7);
    if (level < depth) bytes.write('\x030\0', level * 7 + 4, 'latin1');
  }
  return bytes;
}

function depths(): HostileCase[] {
  const cases: HostileCase[] = [];
  for (const depth of [201, 202, 300, 1000]) {
    cases.push({
      name: `${depth} objects deep`,
      bytes: pingWith(element(3, 'x', nested(depth, 3))),
    });
    cases.push({
      name: `${depth} arrays deep`,
      bytes: pingWith(element(4, 'x', nested(depth, 4))),
    });
  }
  for (const depth of [10_000, 100_000]) {
    cases.push({ name: `${depth} objects deep`, bytes: pingWith(element(3, 'x', deep(depth))) });
  }
  return cases;
}

function commands(): HostileCase[] {
  const documents: [string, Record<string, unknown>][] = [
    ['no command', {}],
    ['only $db', { $db: 'admin' }],
    ['no $db', { ping: 1 }],
    ['$db of another type', { ping: 1, $db: 5 }],
    ['$db null', { ping: 1, $db: null }],
    ['an empty $db', { ping: 1, $db: '' }],
    ['$db with a dot', { ping: 1, $db: 'a.b' }],
    ['$db with NUL', { ping: 1, $db: 'a\0b' }],
    ['$db with a slash', { ping: 1, $db: '../etc' }],
    ['$db of 64 bytes', { ping: 1, $db: 'x'.repeat(64) }],
    ['$db of a megabyte', { ping: 1, $db: 'x'.repeat(1_000_000) }],
    ['the command constructor', { constructor: 1, $db: 'admin' }],
    ['the command toString', { toString: 1, $db: 'admin' }],
    ['the command hasOwnProperty', { hasOwnProperty: 1, $db: 'admin' }],
    ['an empty command name', { '': 1, $db: 'admin' }],
    ['a name of a megabyte', { ['x'.repeat(1_000_000)]: 1, $db: 'admin' }],
    ['lsid of another type', { ping: 1, lsid: 1, $db: 'admin' }],
    ['lsid without id', { ping: 1, lsid: {}, $db: 'admin' }],
    ['lsid with a string', { ping: 1, lsid: { id: 'x' }, $db: 'admin' }],
    ['lsid with plain bytes', { ping: 1, lsid: { id: Buffer.alloc(16) }, $db: 'admin' }],
    ['txnNumber alone', { ping: 1, txnNumber: 1, $db: 'admin' }],
    ['maxTimeMS of a string', { ping: 1, maxTimeMS: 'x', $db: 'admin' }],
    ['maxTimeMS negative', { ping: 1, maxTimeMS: -5, $db: 'admin' }],
    ['maxTimeMS too large', { ping: 1, maxTimeMS: 2 ** 40, $db: 'admin' }],
    ['readConcern of a string', { ping: 1, readConcern: 'local', $db: 'admin' }],
    ['readConcern of an unknown level', { ping: 1, readConcern: { level: 'x' }, $db: 'admin' }],
    ['writeConcern of a number', { ping: 1, writeConcern: 1, $db: 'admin' }],
    ['apiVersion of a number', { ping: 1, apiVersion: 1, $db: 'admin' }],
    ['hello with half a topologyVersion', { hello: 1, maxAwaitTimeMS: 1, $db: 'admin' }],
    [
      'hello with a bad topologyVersion',
      { hello: 1, topologyVersion: { processId: 1 }, maxAwaitTimeMS: 1, $db: 'admin' },
    ],
    ['hello with a huge client', { hello: 1, client: { x: 'x'.repeat(600) }, $db: 'admin' }],
    ['hello with an empty client', { hello: 1, client: {}, $db: 'admin' }],
    ['hello with compression of a number', { hello: 1, compression: [1], $db: 'admin' }],
    ['endSessions of numbers', { endSessions: [1, null], $db: 'admin' }],
    ['killSessions of an object', { killSessions: {}, $db: 'admin' }],
    ['killOp without op', { killOp: 1, $db: 'admin' }],
    ['killOp of NaN text', { killOp: 1, op: 'x', $db: 'admin' }],
    ['getLog of an object', { getLog: {}, $db: 'admin' }],
    ['saslStart without mechanism', { saslStart: 1, $db: 'admin' }],
    [
      'saslContinue before saslStart',
      { saslContinue: 1, conversationId: 1, payload: '', $db: 'admin' },
    ],
    ['an admin command elsewhere', { getParameter: '*', $db: 'test' }],
  ];
  const cases = documents.map(([name, document]) => ({
    name: `command: ${name}`,
    bytes: opMsg(0, body(serialize(document, { checkKeys: false, ignoreUndefined: true }))),
  }));
  cases.push({
    name: 'command: __proto__',
    bytes: opMsg(
      0,
      body(rawDocument(element(16, '__proto__', int32(1)), ...pingElements.slice(1))),
    ),
  });
  cases.push({
    name: 'command: a field twice',
    bytes: pingWith(element(16, 'a', int32(1)), element(16, 'a', int32(1))),
  });
  cases.push({ name: 'command: $db twice', bytes: pingWith(pingElements[1]!) });
  return cases;
}

function strangers(): HostileCase[] {
  return [
    ['a TLS hello', Buffer.from(`160301020001fc0303${'5a'.repeat(500)}`, 'hex')],
    ['an SSH banner', Buffer.from('SSH-2.0-OpenSSH_9.6\r\n')],
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['a Redis command', Buffer.from('*1\r\n$4\r\nPING\r\n')],
    ['a Postgres start', Buffer.from('0000000804d2162f', 'hex')],
    ['16 bytes of 0xff', Buffer.alloc(16, 0xff)],
    ['64 zero bytes', Buffer.alloc(64)],
  ].map(([name, bytes]) => ({ name: name as string, bytes: bytes as Buffer }));
}

export const hostileCases: readonly HostileCase[] = [
  ...lengths(),
  ...opcodes(),
  ...flags(),
  ...sections(),
  ...bodyLengths(),
  ...query(),
  ...compressed(),
  ...values(),
  ...depths(),
  ...commands(),
  ...strangers(),
];
