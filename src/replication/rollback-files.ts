/**
 * Documents a rollback removes, kept as BSON files that `bsondump` and `mongorestore` read:
 * `<directory>/<collection uuid>/removed.<start of the rollback>.bson`.
 *
 * A document is on disk before the storage transaction that removes it commits; a crash between
 * the two leaves a document both in the file and in the collection, never in neither.
 */
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';

export interface RemovedDocument {
  readonly namespace: string;
  /** 16 bytes. */
  readonly uuid: Buffer;
  /** The BSON document as it was before the undo. */
  readonly document: Buffer;
}

export interface RollbackFiles {
  /** The documents are flushed when it is over. */
  save(removed: readonly RemovedDocument[]): Promise<void> | void;
  /** The files written so far, by namespace. */
  readonly files: ReadonlyMap<string, string>;
  close(): Promise<void> | void;
}

/** How rollbacks open their files: below that directory, or not at all when there is none. */
export function rollbackFilesBelow(
  directory: string | undefined,
): (startedMs: number) => RollbackFiles {
  return directory === undefined
    ? discardRemovedDocuments
    : (startedMs) => openRollbackFiles(directory, startedMs);
}

/** Opens the files of one rollback; `startedMs` names them. */
function openRollbackFiles(directory: string, startedMs: number): RollbackFiles {
  const stamp = new Date(startedMs)
    .toISOString()
    .replaceAll(':', '-')
    .replace(/\.\d+Z$/, '.0');
  const handles = new Map<string, FileHandle>();
  const files = new Map<string, string>();
  return {
    files,
    async save(removed) {
      const touched = new Set<FileHandle>();
      for (const { namespace, uuid, document } of removed) {
        const name = uuidString(uuid);
        let handle = handles.get(name);
        if (handle === undefined) {
          const path = join(directory, name, `removed.${stamp}.bson`);
          await mkdir(join(directory, name), { recursive: true });
          handle = await open(path, 'a', 0o600);
          handles.set(name, handle);
          files.set(namespace, path);
        }
        await handle.appendFile(document);
        touched.add(handle);
      }
      for (const handle of touched) await handle.sync();
    },
    async close() {
      for (const handle of handles.values()) await handle.close();
      handles.clear();
    },
  };
}

/** For stores without a directory: what is removed is counted and gone. */
function discardRemovedDocuments(): RollbackFiles {
  return { files: new Map(), save() {}, close() {} };
}

function uuidString(uuid: Buffer): string {
  const hex = uuid.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
