/**
 * Fields of a logged operation, as apply and undo need them. What is missing is a fault of this
 * program or of the disk, never of a client: it throws a plain Error.
 */
import type { CollectionInfo, IndexInfo } from '../../storage/index.ts';
import { findField, type RawValue } from '../bson/index.ts';
import type { Catalog } from './collections/catalog-changes.ts';
import type { ReadOperation } from './oplog/oplog-entry.ts';

export function collectionOf(state: Catalog, operation: ReadOperation): CollectionInfo {
  const info = state.catalog.byId(operation.cid);
  if (info === undefined) {
    throw new Error(`collection ${operation.cid} (${operation.ns}) is not in the catalog`);
  }
  return info;
}

export function indexOf(state: Catalog, operation: ReadOperation): IndexInfo {
  const id = longField(operation.o2, 'iid');
  const index = collectionOf(state, operation).indexes.find((candidate) => candidate.id === id);
  if (index === undefined) throw new Error(`index ${id} is not in the catalog`);
  return index;
}

export function identityOf(operation: ReadOperation): { uuid: Buffer } {
  if (operation.ui === undefined) throw new Error('a create entry has no ui');
  // A copy: the entry it came in must not be kept for it.
  return { uuid: Buffer.from(operation.ui) };
}

export function documentOf(value: RawValue): Buffer {
  return Buffer.from(value.buffer.subarray(value.start, value.end));
}

export function optionalField(document: RawValue | undefined, name: string): RawValue | undefined {
  return document === undefined ? undefined : findField(document.buffer, document.start, name);
}

export function field(document: RawValue | undefined, name: string): RawValue {
  const value = optionalField(document, name);
  if (value === undefined) throw new Error(`an oplog entry has no ${name}`);
  return value;
}

export function preField(operation: ReadOperation, name: string): RawValue {
  return field(operation.pre, name);
}

/** A catalog row in a pre-image: binary. */
export function rowOf(operation: ReadOperation, name: string): Buffer {
  const value = preField(operation, name);
  return Buffer.from(value.buffer.subarray(value.start + 5, value.end));
}

export function longField(document: RawValue | undefined, name: string): number {
  const value = field(document, name);
  return Number(value.buffer.readBigInt64LE(value.start));
}

export function textField(document: RawValue, name: string): string {
  const value = field(document, name);
  return value.buffer.toString('utf8', value.start + 4, value.end - 1);
}

export function firstField(document: RawValue): string {
  const { buffer, start } = document;
  return buffer.toString('utf8', start + 5, buffer.indexOf(0, start + 5));
}
