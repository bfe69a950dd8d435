/**
 * The shell's BSON types and functions, for a realm. Source: manual, "Server-side JavaScript", and the
 * types of mongosh.
 *
 * `shellTypes` is never called here: its text is evaluated inside the sandbox. It has no other names than
 * JavaScript's own and its parameters. Clients' functions share the realm and may replace what they find
 * in it, so that what is needed later is taken before.
 */

/**
 * @param {(ms: number) => void} hostSleep
 * @param {(text: string) => string} hostMd5
 * @returns {{ marked: Function, mark: Function, readers: object }}
 */
export function shellTypes(hostSleep, hostMd5) {
  const { apply, defineProperty } = Reflect;
  const { keys } = Object;
  const { isArray } = Array;
  const { stringify } = JSON;
  const text = String;
  // biome-ignore lint/security/noGlobalEval: the eval of the sandbox, which holds clients' code anyway.
  const evaluate = globalThis.eval;
  const decodeBase64 = globalThis.atob;
  const encodeBase64 = globalThis.btoa;
  Reflect.deleteProperty(globalThis, 'atob');
  Reflect.deleteProperty(globalThis, 'btoa');
  const { get: mapGet, set: mapSet } = WeakMap.prototype;

  /** What an object stands for in BSON: its tag and the parts behind it. */
  const bsonOf = new WeakMap();
  const mark = (object, bson) => {
    apply(mapSet, bsonOf, [object, bson]);
    return object;
  };
  const marked = (object) => apply(mapGet, bsonOf, [object]);

  const share = (name, value) =>
    defineProperty(globalThis, name, { value, writable: true, configurable: true });
  const method = (type, name, value) =>
    defineProperty(type.prototype, name, { value, writable: true, configurable: true });

  /** BSON types are called with `new` or without. */
  const create = (Type) => Object.create(Type.prototype);

  function ObjectId(hex) {
    let id = hex;
    if (id === undefined) {
      id = Math.floor(Date.now() / 1000)
        .toString(16)
        .padStart(8, '0');
      while (id.length < 24) id += Math.floor(Math.random() * 16).toString(16);
    }
    if (typeof id === 'object' && id !== null && marked(id)?.[0] === 'oid') id = marked(id)[1];
    if (typeof id !== 'string' || !/^[0-9a-fA-F]{24}$/.test(id)) {
      throw new Error('invalid object id: length');
    }
    const self = create(ObjectId);
    return mark(self, ['oid', id.toLowerCase()]);
  }
  Object.defineProperty(ObjectId.prototype, 'str', {
    get() {
      return marked(this)?.[1];
    },
  });
  method(ObjectId, 'toString', function () {
    return `ObjectId("${this.str}")`;
  });
  method(ObjectId, 'valueOf', function () {
    return this.str;
  });
  method(ObjectId, 'equals', function (other) {
    return this.str === ObjectId(other).str;
  });
  method(ObjectId, 'getTimestamp', function () {
    return new Date(Number.parseInt(this.str.slice(0, 8), 16) * 1000);
  });
  share('ObjectId', ObjectId);
  share('ObjectID', ObjectId);

  function NumberLong(value, top, bottom) {
    let integer;
    if (value === undefined) integer = 0n;
    else if (top !== undefined) {
      integer = BigInt.asIntN(64, (BigInt(top) << 32n) | BigInt.asUintN(32, BigInt(bottom)));
    } else if (typeof value === 'number')
      integer = BigInt.asIntN(64, BigInt(Math.trunc(value) || 0));
    else if (typeof value === 'object' && marked(value)?.[0] === 'l') {
      integer = BigInt(marked(value)[1]);
    } else {
      if (!/^[+-]?[0-9]+$/.test(text(value))) {
        throw new Error(`could not convert "${text(value)}" to NumberLong`);
      }
      integer = BigInt(text(value).replace('+', ''));
      if (BigInt.asIntN(64, integer) !== integer) {
        throw new Error(`could not convert "${text(value)}" to NumberLong`);
      }
    }
    return mark(create(NumberLong), ['l', text(integer)]);
  }
  const longOf = (object) => marked(object)?.[1] ?? '0';
  method(NumberLong, 'toNumber', function () {
    return Number(longOf(this));
  });
  method(NumberLong, 'valueOf', function () {
    return Number(longOf(this));
  });
  method(NumberLong, 'toString', function () {
    const digits = longOf(this);
    return digits.length > 10 ? `NumberLong("${digits}")` : `NumberLong(${digits})`;
  });
  method(NumberLong, 'compare', function (other) {
    const a = BigInt(longOf(this));
    const b = BigInt(longOf(NumberLong(other)));
    return a < b ? -1 : a > b ? 1 : 0;
  });
  for (const [name, part] of [
    ['floatApprox', (digits) => Number(digits)],
    ['top', (digits) => Number(BigInt(digits) >> 32n)],
    ['bottom', (digits) => Number(BigInt.asUintN(32, BigInt(digits)))],
  ]) {
    defineProperty(NumberLong.prototype, name, {
      get() {
        return part(longOf(this));
      },
    });
  }
  share('NumberLong', NumberLong);

  function NumberInt(value) {
    return mark(create(NumberInt), ['i', Number(value ?? 0) | 0]);
  }
  method(NumberInt, 'toNumber', function () {
    return marked(this)?.[1] ?? 0;
  });
  method(NumberInt, 'valueOf', function () {
    return marked(this)?.[1] ?? 0;
  });
  method(NumberInt, 'toString', function () {
    return `NumberInt(${marked(this)?.[1] ?? 0})`;
  });
  share('NumberInt', NumberInt);

  function NumberDecimal(value) {
    let digits = text(value ?? 0);
    if (typeof value === 'object' && value !== null) {
      const bson = marked(value);
      if (bson !== undefined) digits = text(bson[1]);
    }
    if (!/^[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|inf(inity)?|nan)$/i.test(digits)) {
      throw new Error('Input is not a valid Decimal128 value.');
    }
    return mark(create(NumberDecimal), ['m', digits]);
  }
  method(NumberDecimal, 'toString', function () {
    return `NumberDecimal("${marked(this)?.[1]}")`;
  });
  share('NumberDecimal', NumberDecimal);

  function Timestamp(t, i) {
    const self = create(Timestamp);
    self.t = Number(t ?? 0);
    self.i = Number(i ?? 0);
    return mark(self, ['t']);
  }
  method(Timestamp, 'toString', function () {
    return `Timestamp(${this.t}, ${this.i})`;
  });
  method(Timestamp, 'getTime', function () {
    return this.t;
  });
  method(Timestamp, 'getInc', function () {
    return this.i;
  });
  share('Timestamp', Timestamp);

  const bytesOfHex = (hex) => {
    let bytes = '';
    for (let at = 0; at < hex.length; at += 2) {
      bytes += text.fromCharCode(Number.parseInt(hex.slice(at, at + 2), 16));
    }
    return bytes;
  };
  function BinData(subtype, base64) {
    if (!(subtype >= 0 && subtype <= 255)) {
      throw new Error('invalid BinData subtype -- range is 0..255');
    }
    const self = create(BinData);
    self.type = subtype;
    self.len = decodeBase64(base64).length;
    return mark(self, ['b', subtype, base64]);
  }
  method(BinData, 'base64', function () {
    return marked(this)[2];
  });
  method(BinData, 'length', function () {
    return this.len;
  });
  method(BinData, 'hex', function () {
    let digits = '';
    for (const byte of decodeBase64(marked(this)[2])) {
      digits += byte.charCodeAt(0).toString(16).padStart(2, '0');
    }
    return digits;
  });
  method(BinData, 'subtype', function () {
    return this.type;
  });
  method(BinData, 'toString', function () {
    return `BinData(${this.type},"${marked(this)[2]}")`;
  });
  share('BinData', BinData);
  const hexData = (subtype, hex) => BinData(subtype, encodeBase64(bytesOfHex(hex)));
  share('HexData', hexData);
  share('UUID', (hex) => {
    const digits = text(hex).replaceAll('-', '');
    if (!/^[0-9a-fA-F]{32}$/.test(digits)) throw new Error(`Invalid UUID string: ${text(hex)}`);
    return hexData(4, digits);
  });
  share('MD5', (hex) => hexData(5, hex));

  function Code(code, scope) {
    const self = create(Code);
    self.code = text(code ?? '');
    if (scope !== undefined) self.scope = scope;
    return mark(self, ['c']);
  }
  share('Code', Code);

  function DBPointer(ns, id) {
    const self = create(DBPointer);
    self.ns = ns;
    self.id = id;
    return mark(self, ['p']);
  }
  share('DBPointer', DBPointer);

  function DBRef(collection, id, database) {
    const self = create(DBRef);
    self.$ref = collection;
    self.$id = id;
    if (database !== undefined) self.$db = database;
    return self;
  }
  method(DBRef, 'getCollection', function () {
    return this.$ref;
  });
  method(DBRef, 'getId', function () {
    return this.$id;
  });
  method(DBRef, 'getRef', function () {
    return this.$ref;
  });
  method(DBRef, 'getDb', function () {
    return this.$db;
  });
  share('DBRef', DBRef);

  function MinKey() {
    return MinKey;
  }
  share('MinKey', mark(MinKey, ['min']));
  function MaxKey() {
    return MaxKey;
  }
  share('MaxKey', mark(MaxKey, ['max']));

  share('ISODate', (time) => {
    if (time === undefined) return new Date();
    const [, date, clock = 'T00:00', zone = 'Z'] =
      /^(\d{4}-\d{2}-\d{2})([T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(Z|[+-]\d{2}:?\d{2})?$/.exec(
        time,
      ) ?? [];
    const found = new Date(`${date}${clock.replace(' ', 'T')}${zone}`);
    if (Number.isNaN(found.getTime())) throw new Error(`invalid ISO date: ${text(time)}`);
    return found;
  });

  const tojson = (value, indent = '', isOneLine = false) => {
    if (value === null || value === undefined || typeof value === 'number') return text(value);
    if (typeof value === 'string') return stringify(value);
    if (typeof value !== 'object') return text(value);
    if (value instanceof Date) return `ISODate("${value.toISOString()}")`;
    if (value instanceof RegExp || marked(value) !== undefined) return text(value);
    const inner = isOneLine ? '' : `${indent}\t`;
    const items = isArray(value)
      ? value.map((item) => tojson(item, inner, isOneLine))
      : keys(value).map((key) => `${stringify(key)} : ${tojson(value[key], inner, isOneLine)}`);
    const [open, close] = isArray(value) ? '[]' : '{}';
    if (items.length === 0) return `${open} ${close}`.replace('{  }', '{ }');
    const apart = isOneLine ? ' ' : `\n${inner}`;
    return `${open}${apart}${items.join(`,${apart}`)}${isOneLine ? ' ' : `\n${indent}`}${close}`;
  };
  share('tojson', (value, indent, isOneLine) => tojson(value, indent, isOneLine));
  share('tojsononeline', (value) => tojson(value, '', true));
  share('tojsonObject', (value, indent) => tojson(value, indent));
  const silent = () => undefined;
  for (const name of ['print', 'printjson', 'printjsononeline', 'gc']) share(name, silent);
  share('version', () => '8.0.0');
  share('sleep', (ms) => hostSleep(Number(ms)));
  share('hex_md5', (value) => hostMd5(text(value)));
  share('isString', (value) => typeof value === 'string');
  share('isNumber', (value) => typeof value === 'number');
  share('isObject', (value) => typeof value === 'object');
  const doassert = (message) => {
    throw new Error(text(message));
  };
  share('doassert', doassert);
  share('assert', (condition, message) => {
    if (!condition) doassert(`assert failed${message === undefined ? '' : ` : ${text(message)}`}`);
  });

  /** What stands in the place of a value JSON has no word for, by its tag. */
  const readers = {
    __proto__: null,
    n: (number) => Number(number),
    u: () => undefined,
    oid: (hex) => ObjectId(hex),
    l: (digits) => mark(create(NumberLong), ['l', digits]),
    m: (digits) => mark(create(NumberDecimal), ['m', digits]),
    t: (t, i) => Timestamp(t, i),
    b: (subtype, base64) => BinData(subtype, base64),
    date: (ms) => new Date(ms),
    r: (source, flags) => {
      try {
        return new RegExp(source, flags);
      } catch {
        // Valid where it was written, but not in this language.
        return mark({}, ['r', source, flags]);
      }
    },
    c: (source) => {
      try {
        return evaluate(`(${source}\n)`);
      } catch {
        return Code(source);
      }
    },
    p: (ns, hex) => DBPointer(ns, ObjectId(hex)),
    min: () => MinKey,
    max: () => MaxKey,
  };
  return { mark, marked, readers };
}
