/**
 * Bytes in and out of lmdb-js without copies.
 *
 * lmdb-js hands keys and values of a range to encoder objects, as positions in big buffers of its own; ours
 * only note where they are. Knows the shape of those hooks, not the package.
 */

/** A position in lmdb-js's own buffers. */
interface Received {
  key: Buffer;
  keyStart: number;
  keyEnd: number;
  value: Buffer;
  length: number;
}

/** What the decoders below were given last; taken over at once. */
export const received: Received = {
  key: Buffer.alloc(0),
  keyStart: 0,
  keyEnd: 0,
  value: Buffer.alloc(0),
  length: 0,
};

/** Keys are bytes as they are. */
export const keyEncoder = {
  writeKey(key: Buffer, target: Buffer, start: number): number {
    const { length } = key;
    // A native copy costs as much as a loop over so many bytes.
    if (length > 40) target.set(key, start);
    else for (let at = 0; at < length; at++) target[start + at] = key[at]!;
    return start + length;
  },
  readKey(target: Buffer, start: number, end: number): undefined {
    received.key = target;
    received.keyStart = start;
    received.keyEnd = end;
  },
};

/** Values are bytes as they are. */
export const valueEncoder = {
  encode: (value: Buffer): Buffer => value,
  decode(bytes: Buffer, length: number): undefined {
    received.value = bytes;
    received.length = length;
  },
};

/**
 * lmdb-js hands out one big buffer with a false `length`. Borrowed values are honest views of it, kept by
 * length: making one costs more than the read.
 */
const maxKeptView = 8192;
let keptViews = noViews();
let viewedBytes: Buffer | undefined;

/** Of its full length from the start: an array that is filled here and there becomes a slow one. */
function noViews(): (Buffer | undefined)[] {
  return new Array<Buffer | undefined>(maxKeptView).fill(undefined);
}

export function viewOf(bytes: Buffer, length: number): Buffer {
  if (length >= maxKeptView) return Buffer.from(bytes.buffer, bytes.byteOffset, length);
  if (bytes !== viewedBytes) {
    // Values of their own pages come in small buffers of their own: not worth keeping.
    if (bytes.byteLength <= maxKeptView) return Buffer.from(bytes.buffer, bytes.byteOffset, length);
    viewedBytes = bytes;
    keptViews = noViews();
  }
  let view = keptViews[length];
  if (view === undefined) {
    view = Buffer.from(bytes.buffer, bytes.byteOffset, length);
    keptViews[length] = view;
  }
  return view;
}

/** A copy of a borrowed value of lmdb-js. */
export function copyOf(bytes: Buffer): Buffer {
  const view = viewOf(bytes, bytes.length);
  const copy = Buffer.allocUnsafe(view.length);
  view.copy(copy);
  return copy;
}
