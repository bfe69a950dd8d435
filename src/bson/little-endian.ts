/**
 * Reading and writing numbers in a Buffer.
 *
 * Measured under Node 20 (per read, in a loop): Buffer.readInt32LE 6.5 ns, four byte loads and
 * shifts 2.0 ns, a DataView 0.65 ns. A DataView must exist first, though (about 50 ns for each
 * Buffer), and documents come as ever new Buffers, so integers are put together from bytes here and
 * doubles go through a scratch (9 ns against 11 ns for readDoubleLE).
 */

const scratch = new ArrayBuffer(8);
const scratchDouble = new Float64Array(scratch);
const scratchLong = new BigInt64Array(scratch);
const scratchInt = new Int32Array(scratch);

export function readInt32(buffer: Buffer, at: number): number {
  return buffer[at]! | (buffer[at + 1]! << 8) | (buffer[at + 2]! << 16) | (buffer[at + 3]! << 24);
}

export function readUint32(buffer: Buffer, at: number): number {
  return readInt32(buffer, at) >>> 0;
}

export function readDouble(buffer: Buffer, at: number): number {
  scratchInt[0] = readInt32(buffer, at);
  scratchInt[1] = readInt32(buffer, at + 4);
  return scratchDouble[0]!;
}

export function readInt64(buffer: Buffer, at: number): bigint {
  scratchInt[0] = readInt32(buffer, at);
  scratchInt[1] = readInt32(buffer, at + 4);
  return scratchLong[0]!;
}

/** The int64 as a number; exact only when it is within +-2^53. */
export function readInt64AsNumber(buffer: Buffer, at: number): number {
  return readInt32(buffer, at + 4) * 4294967296 + (readInt32(buffer, at) >>> 0);
}

export function writeInt32(buffer: Buffer, at: number, value: number): void {
  buffer[at] = value;
  buffer[at + 1] = value >> 8;
  buffer[at + 2] = value >> 16;
  buffer[at + 3] = value >> 24;
}

export function writeDouble(buffer: Buffer, at: number, value: number): void {
  scratchDouble[0] = value;
  writeInt32(buffer, at, scratchInt[0]!);
  writeInt32(buffer, at + 4, scratchInt[1]!);
}

export function writeInt64(buffer: Buffer, at: number, value: bigint): void {
  scratchLong[0] = value;
  writeInt32(buffer, at, scratchInt[0]!);
  writeInt32(buffer, at + 4, scratchInt[1]!);
}

/** An integral number within +-2^53 as int64, without a bigint. */
export function writeInt64FromNumber(buffer: Buffer, at: number, value: number): void {
  writeInt32(buffer, at, value | 0);
  writeInt32(buffer, at + 4, Math.floor(value / 4294967296));
}
