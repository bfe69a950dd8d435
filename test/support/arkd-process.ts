/** arkd as a process, from its source: what it prints and how it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const mainFile = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface LogLine {
  readonly msg: string;
  readonly attr?: Readonly<Record<string, unknown>>;
}

export class ArkdProcess {
  /** Lines of standard output so far. */
  readonly lines: string[] = [];
  errorText = '';
  /** Exit code, or the signal's name. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly #process: ChildProcess;
  #wake: () => void = () => {};

  private constructor(child: ChildProcess) {
    this.#process = child;
    child.stderr?.on('data', (chunk: Buffer) => {
      this.errorText += chunk;
    });
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.lines.push(line);
        this.#wake();
      });
    }
    this.ended = once(child, 'close').then(([code, signal]) => {
      this.#wake();
      return code ?? signal;
    });
  }

  static start(...argv: string[]): ArkdProcess {
    return new ArkdProcess(
      spawn(process.execPath, ['--import', 'tsx', mainFile, ...argv], {
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Resolves with the first log line, earlier ones included, that has this message. */
  async logged(message: string): Promise<LogLine> {
    for (;;) {
      for (const text of this.lines) {
        const line = JSON.parse(text) as LogLine;
        if (line.msg === message) return line;
      }
      const { exitCode, signalCode } = this.#process;
      if (exitCode !== null || signalCode !== null) {
        throw new Error(`ended before "${message}":\n${this.lines.join('\n')}${this.errorText}`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The last log line, once the process has ended. */
  async lastLine(): Promise<LogLine> {
    await this.ended;
    return JSON.parse(this.lines.at(-1) ?? '{}') as LogLine;
  }

  /** Resolves with the port when clients can connect. */
  async listening(): Promise<number> {
    return Number((await this.logged('Waiting for connections')).attr?.port);
  }
}
