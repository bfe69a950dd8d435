/**
 * The internal streams as documents: one reply of `_replSetPull` or `_replSetClone` is one BSON
 * document whose bulk is a single BinData, so that neither side builds an object per entry.
 */
import { Binary } from 'bson';
import type { Gtid } from '../ark/gtid.ts';
import { decodeValue, findField, JoinedBinary, type RawValue } from '../bson/index.ts';
import { gtidFromBytes, gtidToBytes } from '../database/index.ts';
import type { CloneChunk, CloneRequest, PullBatch, PullRequest } from './transport.ts';

export function pullCommand(request: PullRequest): Record<string, unknown> {
  return {
    _replSetPull: 1,
    setName: request.setName,
    memberId: request.memberId,
    from: new Binary(gtidToBytes(request.from)),
    reverse: request.reverse,
    untilWallMs: request.untilWallMs,
    $db: 'admin',
  };
}

export function pullBatchFields(batch: PullBatch): Record<string, unknown> {
  return {
    position: new Binary(gtidToBytes(batch.position)),
    oldest: new Binary(gtidToBytes(batch.oldest)),
    commitPoint: new Binary(gtidToBytes(batch.commitPoint)),
    term: batch.term,
    rollbackId: batch.rollbackId,
    syncSource: batch.syncSource,
    entries: new JoinedBinary(batch.entries),
  };
}

/** The entries are ranges of `reply`, which must not be reused. */
export function readPullBatch(reply: Buffer): PullBatch {
  const bulk = binaryBytes(findField(reply, 0, 'entries'));
  const entries: Buffer[] = [];
  for (let at = 0; at < bulk.length; ) {
    const length = bulk.readInt32LE(at);
    entries.push(bulk.subarray(at, at + length));
    at += length;
  }
  return {
    entries,
    position: gtidField(reply, 'position'),
    oldest: gtidField(reply, 'oldest'),
    commitPoint: gtidField(reply, 'commitPoint'),
    term: numberField(reply, 'term') ?? 0,
    rollbackId: numberField(reply, 'rollbackId') ?? 0,
    syncSource: numberField(reply, 'syncSource'),
  };
}

export function cloneCommand(request: CloneRequest): Record<string, unknown> {
  const { resume } = request;
  return {
    _replSetClone: 1,
    setName: request.setName,
    memberId: request.memberId,
    resume:
      resume === undefined
        ? undefined
        : { snapshotId: resume.snapshotId, table: resume.table, after: new Binary(resume.after) },
    $db: 'admin',
  };
}

/** Keys and values alternate in the bulk, each behind its length (uint32 LE). */
export function cloneChunkFields(chunk: CloneChunk): Record<string, unknown> {
  const parts: Buffer[] = [];
  for (let index = 0; index < chunk.keys.length; index++) {
    for (const part of [chunk.keys[index] as Buffer, chunk.values[index] as Buffer]) {
      const length = Buffer.allocUnsafe(4);
      length.writeUInt32LE(part.length);
      parts.push(length, part);
    }
  }
  return {
    snapshotId: chunk.snapshotId,
    rollbackId: chunk.rollbackId,
    table: chunk.table,
    pairs: new JoinedBinary(parts),
    end:
      chunk.end === undefined
        ? undefined
        : {
            lastEntry: new Binary(gtidToBytes(chunk.end.lastEntry)),
            commitPoint: new Binary(gtidToBytes(chunk.end.commitPoint)),
          },
  };
}

export function readCloneChunk(reply: Buffer): CloneChunk {
  const bulk = binaryBytes(findField(reply, 0, 'pairs'));
  const keys: Buffer[] = [];
  const values: Buffer[] = [];
  for (let at = 0, isKey = true; at < bulk.length; isKey = !isKey) {
    const end = at + 4 + bulk.readUInt32LE(at);
    (isKey ? keys : values).push(bulk.subarray(at + 4, end));
    at = end;
  }
  const end = findField(reply, 0, 'end');
  return {
    snapshotId: stringField(reply, 'snapshotId'),
    rollbackId: numberField(reply, 'rollbackId') ?? 0,
    table: stringField(reply, 'table'),
    keys,
    values,
    ...(end === undefined
      ? {}
      : {
          end: {
            lastEntry: gtidFromBytes(binaryBytes(findField(end.buffer, end.start, 'lastEntry'))),
            commitPoint: gtidFromBytes(
              binaryBytes(findField(end.buffer, end.start, 'commitPoint')),
            ),
          },
        }),
  };
}

/** The `resume` field of `_replSetClone`, decoded; undefined when it is absent or malformed. */
export function readCloneResume(value: unknown): CloneRequest['resume'] | undefined {
  const { snapshotId, table, after } = (value ?? {}) as Record<string, unknown>;
  return typeof snapshotId === 'string' && typeof table === 'string' && after instanceof Binary
    ? { snapshotId, table, after: Buffer.from(after.value()) }
    : undefined;
}

/** A GTID as the internal commands carry it: 16 bytes of BinData. */
export function gtidOfBinary(value: unknown): Gtid | undefined {
  return value instanceof Binary && value.length() === 16
    ? gtidFromBytes(Buffer.from(value.value()))
    : undefined;
}

function gtidField(reply: Buffer, name: string): Gtid {
  return gtidFromBytes(binaryBytes(findField(reply, 0, name)));
}

function binaryBytes(value: RawValue | undefined): Buffer {
  if (value === undefined) {
    throw new Error('a stream document lacks a field');
  }
  return value.buffer.subarray(value.start + 5, value.end);
}

function numberField(reply: Buffer, name: string): number | undefined {
  const field = findField(reply, 0, name);
  const value = field === undefined ? undefined : decodeValue(field);
  return typeof value === 'bigint' ? Number(value) : typeof value === 'number' ? value : undefined;
}

function stringField(reply: Buffer, name: string): string {
  const value = findField(reply, 0, name);
  return value === undefined ? '' : value.buffer.toString('utf8', value.start + 4, value.end - 1);
}
