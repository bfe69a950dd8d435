/**
 * Documents a rollback removes, kept as BSON files that `bsondump` and `mongorestore` read:
 * `<directory>/<collection uuid>/removed.<start of the rollback>.bson`.
 *
 * A document is on disk before the storage transaction that removes it commits; a crash between
 * the two leaves a document both in the file and in the collection, never in neither.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export interface RemovedDocument {
  readonly namespace: string;
  /** 16 bytes. */
  readonly uuid: Buffer;
  /** The BSON document as it was before the undo. */
  readonly document: Buffer;
}

export interface RollbackFiles {
  /** Returns once the documents are flushed; called inside a storage write, hence synchronous. */
  save(removed: readonly RemovedDocument[]): void;
  /** The files written so far, by namespace. */
  readonly files: ReadonlyMap<string, string>;
  close(): void;
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
  const descriptors = new Map<string, number>();
  const files = new Map<string, string>();
  return {
    files,
    save(removed) {
      const touched = new Set<number>();
      for (const { namespace, uuid, document } of removed) {
        const name = uuidString(uuid);
        let descriptor = descriptors.get(name);
        if (descriptor === undefined) {
          const path = join(directory, name, `removed.${stamp}.bson`);
          mkdirSync(join(directory, name), { recursive: true });
          descriptor = openSync(path, 'a', 0o600);
          descriptors.set(name, descriptor);
          files.set(namespace, path);
        }
        writeSync(descriptor, document);
        touched.add(descriptor);
      }
      for (const descriptor of touched) {
        fsyncSync(descriptor);
      }
    },
    close() {
      for (const descriptor of descriptors.values()) {
        closeSync(descriptor);
      }
      descriptors.clear();
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
