import type { Gtid } from '../../ark/gtid.ts';

/** A GTID as the 16 big-endian bytes that are its key in the oplog and its `gtid` field in an entry. */
export function gtidToBytes(gtid: Gtid): Buffer {
  const bytes = Buffer.allocUnsafe(16);
  writeGtid(bytes, 0, gtid);
  return bytes;
}

function writeGtid(target: Buffer, at: number, gtid: Gtid): void {
  writeUint64(target, at, gtid.term);
  writeUint64(target, at + 8, gtid.opid);
}

export function gtidFromBytes(bytes: Buffer, at = 0): Gtid {
  return { term: readUint64(bytes, at), opid: readUint64(bytes, at + 8) };
}

function writeUint64(target: Buffer, at: number, value: number): void {
  target.writeUInt32BE(Math.floor(value / 0x1_0000_0000), at);
  target.writeUInt32BE(value >>> 0, at + 4);
}

function readUint64(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * 0x1_0000_0000 + bytes.readUInt32BE(at + 4);
}
