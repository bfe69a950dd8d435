/** Big-endian parts of keys, so that the order of bytes is the order of numbers. */

/** Every safe integer is written as eight bytes, the upper three of which are small. */
const twoTo32 = 2 ** 32;

export function writeUint64(target: Buffer, value: number, offset: number): void {
  target.writeUInt32BE(Math.floor(value / twoTo32), offset);
  target.writeUInt32BE(value % twoTo32, offset + 4);
}

export function readUint64(source: Buffer, offset: number): number {
  return source.readUInt32BE(offset) * twoTo32 + source.readUInt32BE(offset + 4);
}

/** Four bytes. */
export function uint32Key(value: number): Buffer {
  const key = Buffer.allocUnsafe(4);
  key.writeUInt32BE(value, 0);
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
