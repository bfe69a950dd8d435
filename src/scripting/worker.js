// @ts-check
/**
 * The thread that clients' functions run in. It sleeps until the engine rings, takes one request from
 * the port, answers on it, and rings back. A thread of its own, because a function may hang in a loop of
 * the interpreter's that asks nobody: then the engine ends the whole thread.
 *
 * JavaScript, not TypeScript: Node.js starts a thread from a file that it reads itself.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import { JSException } from 'quickjs-wasi';
import { Overrun, Realm } from './realm.js';

/** How many realms are kept; the one not used for the longest time makes room. */
const maxRealms = 8;

/** @type {{ port: import('node:worker_threads').MessagePort, bells: Int32Array }} */
const { port, bells } = workerData;
const [requestBell, replyBell, endBell] = [0, 1, 2];

const require = createRequire(import.meta.url);
/** @type {{ WebAssembly: { compile(bytes: Uint8Array): Promise<import('./realm.js').CompiledModule> } }} */
const { WebAssembly: assembly } = /** @type {any} */ (globalThis);
const wasm = await assembly.compile(readFileSync(require.resolve('quickjs-wasi/quickjs.wasm')));

/** @type {Map<number, Realm>} */
const realms = new Map();
let deadline = 0;

/** @type {{ realm: Realm, heapBytes: number } | undefined} */
let spare;
let lastHeapBytes = 0;
/** After so many milliseconds without a request there is time to prepare a realm. */
const idleMs = 20;

const isOver = () => performance.now() > deadline || Atomics.load(bells, endBell) === 1;

/** @param {number} ms */
const sleep = (ms) => {
  const left = Math.max(0, Math.min(ms, deadline - performance.now()));
  Atomics.wait(bells, endBell, 0, left);
};

/**
 * @param {number} id
 * @param {number} heapBytes
 */
async function open(id, heapBytes) {
  if (realms.size >= maxRealms) {
    for (const oldest of realms.keys()) {
      drop(oldest);
      break;
    }
  }
  if (spare?.heapBytes !== heapBytes) await prepare(heapBytes);
  if (spare !== undefined) realms.set(id, spare.realm);
  spare = undefined;
}

/**
 * Makes the realm that the next operation takes.
 *
 * @param {number} heapBytes
 */
async function prepare(heapBytes) {
  deadline = Number.POSITIVE_INFINITY;
  spare?.realm.dispose();
  spare = { realm: await Realm.create(wasm, { heapBytes, isOver, sleep }), heapBytes };
  lastHeapBytes = heapBytes;
}

/**
 * The realm, as the one used last.
 *
 * @param {number} id
 */
function used(id) {
  const realm = realms.get(id);
  if (realm !== undefined) {
    realms.delete(id);
    realms.set(id, realm);
  }
  return realm;
}

/** @param {number} id */
function drop(id) {
  const realm = realms.get(id);
  realms.delete(id);
  realm?.dispose();
}

/**
 * @param {import('./script-engine.ts').Request} request
 * @returns {Promise<import('./script-engine.ts').Reply>}
 */
async function answer(request) {
  const { realm: place, limitMs } = request;
  try {
    if (request.kind === 'open') {
      await open(place, request.heapBytes);
      return { kind: 'ready' };
    }
    const realm = used(place);
    if (realm === undefined) return { kind: 'gone' };
    deadline = performance.now() + limitMs;
    if (request.kind === 'compile') {
      realm.compile(request.id, request.source);
      return { kind: 'ready' };
    }
    const output = realm.call(request.id, request.input, request.want);
    return output === undefined ? { kind: 'gone' } : { kind: 'called', output };
  } catch (error) {
    if (error instanceof JSException || error instanceof SyntaxError) {
      const text = error.message.includes('out of memory')
        ? 'Out of memory'
        : `${error.name}: ${error.message} :\n@:1:1\n`;
      return { kind: 'called', output: `-${JSON.stringify(['error', text])}` };
    }
    if (error instanceof TypeError) {
      return { kind: 'called', output: `-${JSON.stringify(['refused', 10232, error.message])}` };
    }
    drop(place);
    if (error instanceof Overrun) return { kind: 'overrun' };
    // A trap of WebAssembly: the interpreter does not guard its stack everywhere.
    return {
      kind: 'called',
      output: `-${JSON.stringify(['error', 'InternalError: too much recursion'])}`,
    };
  }
}

/** @param {import('./script-engine.ts').Reply} reply */
function send(reply) {
  port.postMessage(reply);
  Atomics.store(bells, replyBell, 1);
  Atomics.notify(bells, replyBell);
}

send({ kind: 'ready' });
for (;;) {
  const isIdle = Atomics.wait(bells, requestBell, 0, idleMs) === 'timed-out';
  if (isIdle) {
    if (spare === undefined && lastHeapBytes > 0) await prepare(lastHeapBytes);
    Atomics.wait(bells, requestBell, 0);
  }
  Atomics.store(bells, requestBell, 0);
  const received = receiveMessageOnPort(port);
  if (received !== undefined) send(await answer(received.message));
}
