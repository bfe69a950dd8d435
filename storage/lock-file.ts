/**
 * One process per data directory: a file made exclusively, naming the process that holds it.
 *
 * Node has no flock, so a lock can outlive its process. Its holder is known by pid and start time (from
 * /proc, where there is one): a pid that is gone, or belongs to a process started at another time, is no
 * holder, and the lock is taken over. The taking over itself is an exclusive link, so that of two
 * processes that find the same stale lock one wins.
 */

import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

export const lockFileName = 'arkd.lock';

/** Another process, alive as far as we can tell, uses the directory. */
export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse';
  readonly pid: number;

  constructor(directory: string, pid: number) {
    super(
      `Unable to lock the lock file: ${join(directory, lockFileName)}. ` +
        `Another arkd instance (pid ${pid}) is already running on the ${directory} directory`,
    );
    this.pid = pid;
  }
}

export interface DirectoryLock {
  /** Gives the directory free. Idempotent. */
  release(): void;
}

interface Holder {
  readonly pid: number;
  /** Clock ticks since boot (field 22 of /proc/PID/stat) and boot id; empty where there is no /proc. */
  readonly started: string;
  readonly host: string;
}

function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function startTime(pid: number): string {
  const stat = readOptional(`/proc/${pid}/stat`);
  if (stat === undefined) return '';
  // The second field, a name in brackets, may itself hold spaces and brackets.
  const afterName = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const boot = readOptional('/proc/sys/kernel/random/boot_id')?.trim() ?? '';
  return `${boot}:${afterName[19] ?? ''}`;
}

function isAlive(holder: Holder): boolean {
  // On a shared disk nothing can be said about another machine's processes.
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const started = startTime(holder.pid);
  return started === '' || holder.started === '' || started === holder.started;
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, started, host } = JSON.parse(text) as Partial<Holder>;
    if (typeof pid !== 'number' || typeof started !== 'string' || typeof host !== 'string') {
      return undefined;
    }
    return { pid, started, host };
  } catch {
    return undefined;
  }
}

/** True if the file was made; false if there is one. */
function linkExclusively(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Takes the lock or throws `DirectoryInUse`. The directory must exist. */
export function lockDirectory(directory: string): DirectoryLock {
  const path = join(directory, lockFileName);
  const unique = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  const own = JSON.stringify({
    pid: process.pid,
    started: startTime(process.pid),
    host: hostname(),
  } satisfies Holder);
  // Written aside and linked, so that the lock file is never seen half written.
  writeFileSync(unique, own, { flag: 'wx' });
  try {
    takeOver(directory, path, unique, own);
  } finally {
    unlinkSync(unique);
  }
  let isHeld = true;
  return {
    release() {
      if (!isHeld) return;
      isHeld = false;
      if (readOptional(path) === own) unlinkSync(path);
    },
  };
}

function takeOver(directory: string, path: string, unique: string, own: string): void {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    if (linkExclusively(unique, path)) return;
    const text = readOptional(path);
    if (text === undefined) continue;
    const holder = parseHolder(text);
    if (holder !== undefined && isAlive(holder)) throw new DirectoryInUse(directory, holder.pid);
    // Move the stale lock away and look at what was moved: it may be a newer one by now.
    const grave = `${unique}.stale`;
    try {
      renameSync(path, grave);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw error;
    }
    const moved = readOptional(grave);
    if (moved !== undefined && moved !== text && moved !== own) linkExclusively(grave, path);
    unlinkSync(grave);
  }
  throw new Error(`could not take the lock file ${path}: it keeps changing`);
}
