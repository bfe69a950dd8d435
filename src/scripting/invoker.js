/**
 * The call of a client's function inside a realm: arguments in, result out, as script-input.ts and
 * script-output.ts have them. `invoker` is never called here: its text is evaluated in the sandbox, like
 * that of `shellTypes`, before any of a client's. What goes out is checked again outside.
 */

/**
 * @param {{ marked: Function, mark: Function, readers: object }} types
 * @returns {(fn: Function, input: string, kind: string) => string}
 */
export function invoker({ mark, marked, readers }) {
  const { apply, defineProperty } = Reflect;
  const { keys, getPrototypeOf, is } = Object;
  const { isArray } = Array;
  const { stringify, parse } = JSON;
  const text = String;
  const dateProto = Date.prototype;
  const { getTime } = dateProto;
  const sourceOf = Function.prototype.toString;
  const regexSource = Object.getOwnPropertyDescriptor(RegExp.prototype, 'source').get;
  const regexFlags = Object.getOwnPropertyDescriptor(RegExp.prototype, 'flags').get;
  const { get: mapGet, set: mapSet, has: mapHas } = WeakMap.prototype;
  const { isFinite: isFiniteNumber } = Number;

  /** `[self, args, specials]`: each special is a path below the first two, a tag and its parts. */
  const read = (input) => {
    const root = parse(input);
    const specials = root[2];
    for (let at = 0; at < specials.length; at++) {
      const { 0: path, 1: tag, 2: a, 3: b } = specials[at];
      let holder = root;
      for (let step = 0; step < path.length - 1; step++) holder = holder[path[step]];
      const value = readers[tag](a, b);
      defineProperty(holder, path[path.length - 1], {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    return root;
  };

  /** A list as JSON, whatever `toJSON` has been made of. */
  const list = (parts) => {
    let out = '[';
    for (let at = 0; at < parts.length; at++) {
      const part = parts[at];
      out += `${at === 0 ? '' : ','}${typeof part === 'string' ? stringify(part) : text(part)}`;
    }
    return `${out}]`;
  };

  const maxDepth = 150;

  /** The paths of the objects that came in, as the inside of a list: what goes out unchanged keeps its int32s. */
  const originsOf = (root) => {
    const origins = new WeakMap();
    const visit = (value, path) => {
      if (typeof value !== 'object' || value === null || marked(value) !== undefined) return;
      if (getPrototypeOf(value) === dateProto || apply(mapHas, origins, [value])) return;
      apply(mapSet, origins, [value, path]);
      const names = keys(value);
      for (let at = 0; at < names.length; at++) {
        visit(value[names[at]], `${path},${stringify(names[at])}`);
      }
    };
    visit(root[0], '"0"');
    visit(root[1], '"1"');
    return origins;
  };

  const refuse = (code, message) => {
    throw mark(new Error(message), ['refused', code]);
  };

  const write = (value, depth, name, originOf) => {
    if (depth > maxDepth) {
      refuse(
        17279,
        `Exceeded depth limit of ${maxDepth} when converting js object to BSON. Do you have a cycle?`,
      );
    }
    switch (typeof value) {
      case 'string':
        return stringify(value);
      case 'number':
        if (!isFiniteNumber(value)) return `["n","${value}"]`;
        return is(value, -0) ? '-0' : text(value);
      case 'boolean':
        return value ? 'true' : 'false';
      case 'undefined':
        return '["u"]';
      case 'bigint':
      case 'symbol':
        return refuse(16662, `unable to convert JavaScript property to mongo element ${name}`);
      default:
    }
    if (value === null) return 'null';
    const bson = marked(value);
    if (bson !== undefined) {
      if (bson[0] === 't') return list(['t', value.t, value.i]);
      if (bson[0] === 'c') {
        if (typeof value.code !== 'string') refuse(2, 'code must be a string');
        return value.scope === undefined
          ? list(['c', value.code])
          : `["c",${stringify(value.code)},${write(value.scope, depth + 1, name, originOf)}]`;
      }
      if (bson[0] === 'p') return list(['p', text(value.ns), marked(value.id)?.[1]]);
      return list(bson);
    }
    if (typeof value === 'function') return list(['c', apply(sourceOf, value, [])]);
    if (isArray(value)) {
      let out = '["a"';
      for (let at = 0; at < value.length; at++) {
        out += `,${write(value[at], depth + 1, text(at), originOf)}`;
      }
      return `${out}]`;
    }
    if (value instanceof Date) return list(['date', apply(getTime, value, [])]);
    if (value instanceof RegExp) {
      return list(['r', apply(regexSource, value, []), apply(regexFlags, value, [])]);
    }
    const origin = originOf(value);
    let out = `["o",${origin === undefined ? 'null' : `[${origin}]`}`;
    const names = keys(value);
    for (let at = 0; at < names.length; at++) {
      const key = names[at];
      out += `,${stringify(key)},${write(value[key], depth + 1, key, originOf)}`;
    }
    return `${out}]`;
  };

  /** "    at name (file:line:column)" as "name@file:line:column", without the frames of this file. */
  const stackOf = (error) => {
    const { stack } = error;
    if (typeof stack !== 'string') return '';
    let out = '';
    for (const line of stack.split('\n')) {
      if (line.includes('arkset')) break;
      const [, name, place] = /^\s*at (.*?) ?\(?([^()\s]*:\d+:\d+)\)?$/.exec(line) ?? [];
      if (place !== undefined) out += `${name === '<anonymous>' ? '' : name}@${place}\n`;
    }
    return out;
  };

  const describe = (thrown) => {
    const refused = typeof thrown === 'object' && thrown !== null ? marked(thrown) : undefined;
    if (refused !== undefined && refused[0] === 'refused') {
      return list(['refused', refused[1], thrown.message]);
    }
    if (typeof thrown !== 'object' || thrown === null) {
      return list(['primitive', `uncaught exception: ${text(thrown)}`]);
    }
    if (!(thrown instanceof Error)) {
      return list(['error', `uncaught exception: ${text(thrown)}`]);
    }
    if (thrown.name === 'InternalError' && thrown.message === 'out of memory') {
      return list(['error', 'Out of memory']);
    }
    return list(['error', `${text(thrown)} :\n${stackOf(thrown)}`]);
  };

  /** Calls a function; "+" and what it gives, or "-" and what it throws. `test`: only whether it is true. */
  return (fn, input, kind) => {
    try {
      const root = read(input);
      const { 0: self, 1: args } = root;
      if (kind === 'test') {
        globalThis.obj = self;
        globalThis.fullObject = true;
        return apply(fn, self, []) ? '+true' : '+false';
      }
      let origins;
      const originOf = (value) => {
        origins ??= originsOf(root);
        return apply(mapGet, origins, [value]);
      };
      return `+${write(apply(fn, self, args), 1, '', originOf)}`;
    } catch (error) {
      try {
        return `-${describe(error)}`;
      } catch {
        return '-["error","uncaught exception"]';
      }
    }
  };
}
