/**
 * What a member keeps on disk, opened and locked: the store, and the durable state of its replica set.
 * Every way in which a folder cannot be used ends in a StartError with a line for who starts the member.
 */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  checkFormatVersion,
  DirectoryInUse,
  type DirectoryLock,
  type DurableState,
  type Engine,
  lockDirectory,
  openDurableState,
  openLmdbEngine,
  openMemoryDurableState,
  openMemoryEngine,
} from '../../storage/index.ts';

/** The store of a member, below its dbpath. */
export const storeFolder = 'store';
/** What sorts put aside, below the dbpath; empty but on systems where open files need a name. */
export const spillFolder = '_tmp';

/** Where a member's data is. */
export interface StoreOptions {
  readonly storageEngine: 'lmdb' | 'inMemory';
  /** Must exist for `lmdb`. With `inMemory`, where rolled back documents go; undefined: nowhere. */
  readonly dbPath: string | undefined;
  /** Name of the replica set; undefined for a server of its own, which keeps no oplog. */
  readonly replSet: string | undefined;
}

export type StartFailure = 'badOption' | 'portTaken' | 'dataUnusable';

/** The member cannot start, for a reason that the person who starts it can mend. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly reason: StartFailure;

  constructor(reason: StartFailure, message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

export interface Store {
  readonly engine: Engine;
  readonly durableState: DurableState;
  readonly lock: DirectoryLock | undefined;
}

/** Throws StartError. What is opened belongs to the caller: to close, and to release. */
export async function openStore(options: StoreOptions): Promise<Store> {
  if (options.storageEngine === 'inMemory') {
    return {
      engine: openMemoryEngine(),
      durableState: openMemoryDurableState(),
      lock: undefined,
    };
  }
  const { dbPath } = options;
  if (dbPath === undefined || !existsSync(dbPath)) {
    throw new StartError(
      'dataUnusable',
      `NonExistentPath: Data directory ${dbPath} not found. Create the missing directory or specify another path using --dbpath`,
    );
  }
  if (!statSync(dbPath).isDirectory()) {
    throw new StartError('dataUnusable', `FileNotOpen: ${dbPath} is not a directory`);
  }
  let lock: DirectoryLock;
  try {
    lock = lockDirectory(dbPath);
  } catch (error) {
    throw new StartError(
      'dataUnusable',
      `${error instanceof DirectoryInUse ? 'DBPathInUse' : 'FileNotOpen'}: ${(error as Error).message}`,
      error,
    );
  }
  try {
    mkdirSync(join(dbPath, storeFolder), { recursive: true });
    const durableState = await openDurableState(join(dbPath, 'replica-set.json'));
    const engine = await openLmdbEngine({ path: join(dbPath, storeFolder) });
    await checkFormatVersion(engine);
    return { engine, durableState, lock };
  } catch (error) {
    lock.release();
    throw new StartError(
      'dataUnusable',
      `the data in ${dbPath} cannot be used: ${(error as Error).message}`,
      error,
    );
  }
}

/**
 * The data of a replica set's member is opened by a member of that set only: anyone else would change
 * documents behind the oplog's back, and the member would differ from the others for ever.
 */
export function refuseDataOfAnotherSet(durableState: DurableState, options: StoreOptions): void {
  const config = durableState.read().config as { readonly _id?: string } | undefined;
  if (config?._id === undefined || config._id === options.replSet) return;
  throw new StartError(
    'dataUnusable',
    `the data in ${options.dbPath} belongs to the replica set ${config._id}, and ${
      options.replSet === undefined
        ? 'a server of its own would change it unseen by the other members'
        : `not to ${options.replSet}`
    }: start with --replSet ${config._id}, or with an empty folder`,
  );
}
