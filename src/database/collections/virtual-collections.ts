/**
 * Collections that clients see and nobody stored as such: the oplog, and what other rooms offer as a
 * list of documents (`local.system.replset`).
 */
import { type CollectionInfo, makeCollectionInfo } from '../../../storage/index.ts';
import { encodeDocument } from '../../bson/index.ts';

/** The oplog as clients name it. */
export const oplogNamespace = 'local.oplog.rs';

export interface VirtualCollection {
  readonly collection: CollectionInfo;
  /** Its documents; undefined when it is read from a table of the storage. */
  readonly documents: (() => readonly Buffer[]) | undefined;
}

/** Ids no stored collection ever has. */
const oplogId = 0xffff_ffff;
const listId = 0xffff_fffe;

/** Bytes the oplog is truncated to, unless the member is told another size. */
export const defaultOplogBytesMax = 1024 * 1024 * 1024;

export function oplogCollection(bytesMax: number): VirtualCollection {
  return {
    collection: makeCollectionInfo({
      id: oplogId,
      uuid: Buffer.from('6f706c6f67000040800000000000000f'.slice(0, 32), 'hex'),
      namespace: oplogNamespace,
      options: encodeDocument({ capped: true, size: bytesMax, autoIndexId: false }),
      indexes: [],
      table: 'oplog',
    }),
    documents: undefined,
  };
}

export function listedCollection(
  namespace: string,
  documents: () => readonly Buffer[],
  shown: { readonly options: Buffer; readonly uuid: Buffer } = {
    options: encodeDocument({}),
    uuid: Buffer.alloc(16),
  },
): VirtualCollection {
  return {
    collection: makeCollectionInfo({
      id: listId,
      ...shown,
      namespace,
      indexes: [],
    }),
    documents,
  };
}
