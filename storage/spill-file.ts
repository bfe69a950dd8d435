/**
 * Bytes an operation puts aside on disk because it may not keep them in memory, and reads back later.
 * The file has no name once it is open (except where the system forbids that), so that nothing of it
 * survives the process. Blocks are written and read at once: they are small, and wait in the page cache.
 */
import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OutOfSpace } from './engine.ts';

export class SpillFile {
  readonly #path: string;
  readonly #descriptor: number;
  #bytes = 0;
  #hasName = true;
  #isOpen = true;

  /** In `folder`, which is made if it is not there; default the system's folder for such files. */
  constructor(folder: string = tmpdir()) {
    mkdirSync(folder, { recursive: true });
    this.#path = join(folder, `arkset-spill-${randomUUID()}`);
    this.#descriptor = openSync(this.#path, 'wx+', 0o600);
    this.#removeName();
  }

  /** Bytes appended so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Throws `OutOfSpace` when the disk is full. */
  append(block: Buffer): void {
    try {
      for (let written = 0; written < block.length; ) {
        const left = block.length - written;
        written += writeSync(this.#descriptor, block, written, left, this.#bytes + written);
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      throw new OutOfSpace('disk', 'the disk is full: what memory cannot hold has no place');
    }
    this.#bytes += block.length;
  }

  /** `length` bytes from `position`, or what there is of them. */
  read(position: number, length: number): Buffer {
    const block = Buffer.allocUnsafeSlow(Math.min(length, this.#bytes - position));
    for (let filled = 0; filled < block.length; ) {
      const read = readSync(
        this.#descriptor,
        block,
        filled,
        block.length - filled,
        position + filled,
      );
      if (read === 0) throw new Error(`the spill file ends before byte ${position + block.length}`);
      filled += read;
    }
    return block;
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#descriptor);
    this.#removeName();
  }

  #removeName(): void {
    if (!this.#hasName) return;
    try {
      unlinkSync(this.#path);
      this.#hasName = false;
    } catch {
      // Windows keeps the name of an open file: it goes when the file is closed.
    }
  }
}
