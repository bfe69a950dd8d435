import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BenchmarkConnection } from './connection.ts';

/** A server that answers everything with the reply another server gave to `request`. */
export class EchoServer {
  readonly host: string;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(host: string, echo: ChildProcess, folder: string) {
    this.host = host;
    this.#process = echo;
    this.#folder = folder;
  }

  static async start(asked: string, request: Buffer): Promise<EchoServer> {
    const connection = await BenchmarkConnection.open(asked);
    const reply = await connection.send(request);
    connection.close();
    const folder = mkdtempSync(join(tmpdir(), 'arkset-echo-'));
    writeFileSync(join(folder, 'reply'), reply);
    const script = fileURLToPath(new URL('./echo-server.ts', import.meta.url));
    const echo = spawn(process.execPath, ['--import', 'tsx', script, join(folder, 'reply')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [port] = (await once(echo.stdout, 'data')) as [Buffer];
    return new EchoServer(`127.0.0.1:${port.toString().trim()}`, echo, folder);
  }

  get processId(): number {
    return this.#process.pid as number;
  }

  stop(): void {
    this.#process.kill();
    rmSync(this.#folder, { recursive: true });
  }
}
