import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Contender, Turn } from './contender.ts';

/** LMDB without a server: durable inserts, so many at a time, in a process of their own. */
export class RawLmdb implements Contender {
  readonly name = 'raw LMDB, durable';
  readonly clients: number;
  readonly documents = 1;
  readonly #process: ChildProcess;
  readonly #folder: string;

  constructor(clients: number) {
    this.clients = clients;
    this.#folder = mkdtempSync(join(tmpdir(), 'arkset-raw-lmdb-'));
    const script = fileURLToPath(new URL('./raw-lmdb-process.ts', import.meta.url));
    this.#process = spawn(
      process.execPath,
      ['--import', 'tsx', script, this.#folder, String(clients)],
      {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        env: { ...process.env, UV_THREADPOOL_SIZE: '8' },
      },
    );
  }

  async run(milliseconds: number): Promise<Turn> {
    this.#process.send(milliseconds);
    const [turn] = (await once(this.#process, 'message')) as [Turn];
    return turn;
  }

  async stop(): Promise<void> {
    const exited = once(this.#process, 'exit');
    this.#process.disconnect();
    await exited;
    rmSync(this.#folder, { recursive: true });
  }
}
