/** Big-endian parts of keys, so that the order of bytes is the order of numbers. */

/** Every safe integer is written as eight bytes, the upper three of which are small. */
const twoTo32 = 2 ** 32;

// Put together from bytes: a third of what Buffer's own functions cost, which check their arguments.
export function writeUint64(target: Buffer, value: number, offset: number): void {
  writeUint32(target, Math.floor(value / twoTo32), offset);
  writeUint32(target, value % twoTo32, offset + 4);
}

export function readUint64(source: Buffer, offset: number): number {
  return readUint32(source, offset) * twoTo32 + readUint32(source, offset + 4);
}

function writeUint32(target: Buffer, value: number, offset: number): void {
  target[offset] = value >>> 24;
  target[offset + 1] = value >>> 16;
  target[offset + 2] = value >>> 8;
  target[offset + 3] = value;
}

function readUint32(source: Buffer, offset: number): number {
  return (
    ((source[offset]! << 24) |
      (source[offset + 1]! << 16) |
      (source[offset + 2]! << 8) |
      source[offset + 3]!) >>>
    0
  );
}

/** Four bytes. */
export function uint32Key(value: number): Buffer {
  const key = Buffer.allocUnsafe(4);
  writeUint32(key, value, 0);
  return key;
}

/** The first key after every key that starts with `prefix`; undefined when there is none. */
export function endOfPrefix(prefix: Buffer): Buffer | undefined {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length -= 1;
  if (length === 0) return undefined;
  const end = Buffer.from(prefix.subarray(0, length));
  end[length - 1]! += 1;
  return end;
}
