/** Four bytes of CRC-32 in front of the bytes they cover: records and oplog entries. */

import { crc32 } from 'node:zlib';

export const checksumLength = 4;

/** The stored bytes do not match their checksum: the store must not be used any further. */
export class ChecksumMismatch extends Error {
  override readonly name = 'ChecksumMismatch';
}

export function withChecksum(bytes: Buffer): Buffer {
  const value = Buffer.allocUnsafe(checksumLength + bytes.length);
  value.writeUInt32LE(crc32(bytes), 0);
  bytes.copy(value, checksumLength);
  return value;
}

/** Throws `ChecksumMismatch`; `what` names the value in its message. */
export function verifyChecksum(value: Buffer, what: () => string): void {
  const isGood =
    value.length >= checksumLength &&
    crc32(value.subarray(checksumLength)) === value.readUInt32LE(0);
  if (!isGood) throw new ChecksumMismatch(`checksum mismatch in ${what()}`);
}
