import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClientLoad, type Target } from './client-load.ts';
import { BenchmarkConnection } from './connection.ts';
import type { Contender, Turn } from './contender.ts';
import type { Workload } from './workloads.ts';

/** The same messages to a server that answers everything with the reply another server gave to the first. */
export class EchoLoad implements Contender {
  readonly name = 'echo, the same bytes';
  readonly documents: number;
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #load: ClientLoad;

  private constructor(load: ClientLoad, echo: ChildProcess, folder: string) {
    this.documents = load.documents;
    this.#load = load;
    this.#process = echo;
    this.#folder = folder;
  }

  static async start(asked: Target, workload: Workload, clients: number): Promise<EchoLoad> {
    const connection = await BenchmarkConnection.open(asked.host);
    const reply = await connection.send(workload.message(0));
    connection.close();
    const folder = mkdtempSync(join(tmpdir(), 'arkset-echo-'));
    writeFileSync(join(folder, 'reply'), reply);
    const script = fileURLToPath(new URL('./echo-server.ts', import.meta.url));
    const echo = spawn(process.execPath, ['--import', 'tsx', script, join(folder, 'reply')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [port] = (await once(echo.stdout, 'data')) as [Buffer];
    const target = {
      name: 'echo',
      host: `127.0.0.1:${port.toString().trim()}`,
      processIds: [echo.pid as number],
    };
    return new EchoLoad(await ClientLoad.open('echo', target, workload, clients), echo, folder);
  }

  get clients(): number {
    return this.#load.clients;
  }

  run(milliseconds: number): Promise<Turn> {
    return this.#load.run(milliseconds);
  }

  async stop(): Promise<void> {
    await this.#load.stop();
    this.#process.kill();
    rmSync(this.#folder, { recursive: true });
  }
}
