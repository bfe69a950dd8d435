// @ts-check
/**
 * One realm of the sandbox: QuickJS in an instance of WebAssembly of its own, without any access to the
 * host but a clock, random numbers and the two functions that `shellTypes` is given. Its memory is bounded, and
 * a running function asks `isOver` again and again whether it must end.
 */
import { createHash } from 'node:crypto';
import { EvalFlags, Intrinsics, JSException, QuickJS } from 'quickjs-wasi';
import { invoker } from './invoker.js';
import { shellTypes } from './shell-types.js';

const { PROMISE, PERFORMANCE, DOM_EXCEPTION, WEAK_REF } = Intrinsics;
const intrinsics = Intrinsics.ALL & ~(PROMISE | PERFORMANCE | DOM_EXCEPTION | WEAK_REF);

/** The name of our own code in stack traces, where it is left out. */
const ownName = 'arkset';

/** The function ran out of time: the realm must not be used again. */
export class Overrun extends Error {}

/** @typedef {Extract<import('quickjs-wasi').QuickJSOptions['wasm'], object>} CompiledModule */

export class Realm {
  /** @type {import('quickjs-wasi').QuickJS} */
  #vm;
  /** @type {import('quickjs-wasi').JSValueHandle} */
  #invoke;
  /** @type {Map<number, import('quickjs-wasi').JSValueHandle>} */
  #functions = new Map();
  /** @type {() => boolean} */
  #isOver;

  /**
   * @param {import('quickjs-wasi').QuickJS} vm
   * @param {import('quickjs-wasi').JSValueHandle} invoke
   * @param {() => boolean} isOver
   */
  constructor(vm, invoke, isOver) {
    this.#vm = vm;
    this.#invoke = invoke;
    this.#isOver = isOver;
  }

  /**
   * @param {CompiledModule} wasm
   * @param {{ heapBytes: number, isOver: () => boolean, sleep: (ms: number) => void }} limits
   */
  static async create(wasm, { heapBytes, isOver, sleep }) {
    const vm = await QuickJS.create({
      wasm,
      intrinsics,
      memoryLimit: heapBytes,
      interruptHandler: isOver,
      timezoneOffset: 0,
    });
    const hostSleep = vm.newFunction('sleep', (ms) => {
      sleep(ms?.toNumber() ?? 0);
      return vm.undefined;
    });
    const hostMd5 = vm.newFunction('hex_md5', (value) =>
      vm.newString(
        createHash('md5')
          .update(value?.toString() ?? '')
          .digest('hex'),
      ),
    );
    const types = vm.callFunction(
      vm.evalCode(`(${shellTypes})`, ownName),
      vm.undefined,
      hostSleep,
      hostMd5,
    );
    const invoke = vm.callFunction(vm.evalCode(`(${invoker})`, ownName), vm.undefined, types);
    return new Realm(vm, invoke, isOver);
  }

  /**
   * @param {number} id what the function is called by
   * @param {string} source
   */
  compile(id, source) {
    const made = this.#vm.evalCode(`(${this.#functionSource(source)})`, '');
    if (made.typeof !== 'function') throw new TypeError('not a function');
    this.#functions.set(id, made);
  }

  /**
   * What `invoker` gives; undefined for a function that was not compiled here. Throws
   * Overrun, or a RuntimeError of WebAssembly.
   *
   * @param {number} id
   * @param {string} input
   * @param {string} kind
   */
  call(id, input, kind) {
    const vm = this.#vm;
    const fn = this.#functions.get(id);
    if (fn === undefined) return undefined;
    const given = vm.newString(input);
    const how = vm.newString(kind);
    try {
      const output = vm
        .callFunction(this.#invoke, vm.undefined, fn, given, how)
        .consume((result) => result.toString());
      // Who slept until the end was not asked again.
      if (this.#isOver()) throw new Overrun();
      return output;
    } catch (error) {
      if (error instanceof JSException && error.message === 'interrupted') throw new Overrun();
      throw error;
    } finally {
      given.dispose();
      how.dispose();
    }
  }

  /**
   * A function's text for what a client gives: a function, an expression, or statements, the last of
   * which is what the function gives if it is an expression and there is no `return`. As in MongoDB an
   * arrow function is an expression like any other.
   *
   * @param {string} source
   */
  #functionSource(source) {
    const trimmed = source.replace(/[;\s]+$/, '');
    const asScript = this.#syntaxError(trimmed);
    if (asScript === 'function name expected') return trimmed;
    if (asScript === 'return not in a function') return `function() { ${trimmed}\n}`;
    if (asScript !== undefined) throw new SyntaxError(asScript);
    if (/^(async\s+)?function\b/.test(trimmed) && this.#isFunctionAlone(trimmed)) return trimmed;
    if (this.#syntaxError(`(${trimmed}\n)`) === undefined) {
      return `function() { return (${trimmed}\n) }`;
    }
    return this.#lastExpressionReturned(trimmed) ?? `function() { ${trimmed}\n}`;
  }

  /** @param {string} source */
  #isFunctionAlone(source) {
    return this.#syntaxError(`(${source}\n)`) === undefined;
  }

  /**
   * Statements, the last an expression: `a; b` as `a; return b`.
   *
   * @param {string} source
   */
  #lastExpressionReturned(source) {
    for (let at = source.length - 1; at > 0; at--) {
      if (!/[;}\n]/.test(/** @type {string} */ (source[at]))) continue;
      const before = source.slice(0, at + 1);
      const last = source.slice(at + 1);
      if (last.trim() === '' || this.#syntaxError(`(${last}\n)`) !== undefined) continue;
      if (this.#syntaxError(before) === undefined) {
        return `function() { ${before} return (${last}\n) }`;
      }
    }
    return undefined;
  }

  /**
   * The complaint about a script, undefined if it can be run.
   *
   * @param {string} source
   */
  #syntaxError(source) {
    try {
      this.#vm.evalCode(source, '', EvalFlags.COMPILE_ONLY).dispose();
      return undefined;
    } catch (error) {
      if (error instanceof JSException && error.name === 'SyntaxError') return error.message;
      throw error;
    }
  }

  dispose() {
    this.#vm.dispose();
  }
}
