/**
 * A replica set of real processes on this machine: what `npm start`, the tests that kill members,
 * the chaos campaign and the benchmark share.
 *
 * Members are arkd processes started from the same code as this one (source under tsx, or built).
 * What they are doing is read from their logs, as any operator would.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { errorCodes, MongoServerError } from '../errors/index.ts';
import { runCommand } from './run-command.ts';

export interface ProcessClusterOptions {
  /** One folder; each member has its own below it. */
  readonly folder: string;
  /** One port per member. */
  readonly ports: readonly number[];
  readonly name?: string;
  /** Start a member again when it ends without being told to. */
  readonly restart?: boolean;
  /** Further words of arkd's command line, and of node's. */
  readonly arguments?: readonly string[];
  readonly nodeArguments?: readonly string[];
  /** The `settings` of the replica set's config, at its first start. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

/** What happens to a member, in words and as a role. */
export interface MemberEvent {
  readonly member: number;
  readonly kind: 'started' | 'ended' | 'role' | 'writable';
  readonly text: string;
}

interface MemberProcess {
  readonly host: string;
  readonly port: number;
  process: ChildProcess | undefined;
  log: WriteStream;
  role: string;
  isWanted: boolean;
  /** The text of the last error in its log since it was started. */
  lastError: string | undefined;
}

/**
 * What a command leaves behind dies at once. With node's own 16 MB so many buffers are alive at each
 * collection that collecting costs 10 % of all CPU time.
 */
const youngGeneration = '--max-semi-space-size=64';

const restartDelayMs = 500;
const stopTimeoutMs = 15_000;

export class ProcessCluster extends EventEmitter<{ event: [MemberEvent] }> {
  readonly name: string;
  readonly #members: MemberProcess[];
  readonly #options: ProcessClusterOptions;

  constructor(options: ProcessClusterOptions) {
    super();
    this.name = options.name ?? 'rs0';
    this.#options = options;
    this.#members = options.ports.map((port, member) => {
      mkdirSync(this.dataPath(member), { recursive: true });
      return {
        host: `127.0.0.1:${port}`,
        port,
        process: undefined,
        log: createWriteStream(this.#logPath(member), { flags: 'a' }),
        role: 'STARTUP',
        isWanted: true,
        lastError: undefined,
      };
    });
  }

  /** Starts all members and, the first time, makes a replica set of them. */
  static async start(options: ProcessClusterOptions): Promise<ProcessCluster> {
    const cluster = new ProcessCluster(options);
    await cluster.start();
    return cluster;
  }

  /** As the static one, for who listens to its events or may end it meanwhile. */
  async start(): Promise<void> {
    try {
      await Promise.all(this.#members.map((_, member) => this.startMember(member)));
      await this.#initiate();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  get uri(): string {
    return `mongodb://${this.hosts.join(',')}/?replicaSet=${this.name}`;
  }

  get hosts(): readonly string[] {
    return this.#members.map((member) => member.host);
  }

  /** The member that last said it is primary, as its log tells; undefined when none does. */
  get primary(): number | undefined {
    const index = this.#members.findIndex((member) => member.role === 'PRIMARY');
    return index < 0 ? undefined : index;
  }

  processId(member: number): number | undefined {
    return this.#member(member).process?.pid;
  }

  dataPath(member: number): string {
    return join(this.#options.folder, `member-${member}`);
  }

  #logPath(member: number): string {
    return join(this.#options.folder, `member-${member}.log`);
  }

  /** Resolves when some member takes writes, with its index. */
  async writable(): Promise<number> {
    return this.primary ?? this.nextWritable();
  }

  /** Resolves when a member begins to take writes, with its index. Rejects with an AbortError after the time. */
  async nextWritable(timeoutMs = 30_000): Promise<number> {
    for await (const [event] of EventEmitter.on(this, 'event', {
      signal: AbortSignal.timeout(timeoutMs),
    })) {
      if ((event as MemberEvent).kind === 'writable') return (event as MemberEvent).member;
    }
    throw new Error('the replica set has ended');
  }

  /** Starts a member and resolves when it listens. Rejects when it ends before that. */
  async startMember(index: number): Promise<void> {
    const member = this.#member(index);
    member.isWanted = true;
    member.role = 'STARTUP';
    member.lastError = undefined;
    const words = [
      youngGeneration,
      ...(this.#options.nodeArguments ?? []),
      ...arkdCommand(),
      ...this.#argumentsOf(index),
    ];
    const child = spawn(process.execPath, words, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, UV_THREADPOOL_SIZE: process.env.UV_THREADPOOL_SIZE ?? '8' },
    });
    member.process = child;
    child.stderr.on('data', (chunk: Buffer) => member.log.write(chunk));
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        member.log.write(`${line}\n`);
        if (this.#readLogLine(index, line) === 'listening') resolve();
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        this.#memberEnded(index, child, code, signal);
        reject(
          new Error(
            `member ${index} ended while starting (${member.lastError ?? signal ?? `code ${code}`}); see ${this.#logPath(index)}`,
          ),
        );
      });
    });
  }

  /** Sends a signal; resolves at once for SIGSTOP and SIGCONT, else when the process has ended. */
  async signal(index: number, signal: NodeJS.Signals): Promise<void> {
    const member = this.#member(index);
    const child = member.process;
    if (child === undefined) return;
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') {
      child.kill(signal);
      return;
    }
    member.isWanted = this.#options.restart === true && signal === 'SIGKILL';
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** Ends all members in good order. */
  async stop(): Promise<void> {
    const impatient = setTimeout(() => this.kill(), stopTimeoutMs);
    await Promise.all(
      this.#members.map(async (member) => {
        member.isWanted = false;
        const child = member.process;
        if (child !== undefined && child.exitCode === null && child.signalCode === null) {
          const ended = once(child, 'exit');
          child.kill('SIGCONT');
          child.kill('SIGTERM');
          await ended;
        }
        if (!member.log.writableEnded) member.log.end();
      }),
    );
    clearTimeout(impatient);
  }

  /** Ends at once what a `stop` waits for. */
  kill(): void {
    for (const { process: child } of this.#members) child?.kill('SIGKILL');
  }

  async #initiate(): Promise<void> {
    const config = {
      _id: this.name,
      members: this.#members.map(({ host }, _id) => ({ _id, host })),
      ...(this.#options.settings === undefined ? {} : { settings: this.#options.settings }),
    };
    try {
      await runCommand(this.#member(0).host, 'admin', { replSetInitiate: config });
    } catch (error) {
      if (!(error instanceof MongoServerError && error.code === errorCodes.AlreadyInitialized))
        throw error;
    }
  }

  #argumentsOf(index: number): string[] {
    return [
      ...['--port', String(this.#member(index).port)],
      ...['--bind_ip', '127.0.0.1'],
      ...['--dbpath', this.dataPath(index)],
      ...['--replSet', this.name],
      ...(this.#options.arguments ?? []),
    ];
  }

  #readLogLine(index: number, line: string): 'listening' | undefined {
    let message: string;
    const member = this.#member(index);
    try {
      const parsed = JSON.parse(line) as { msg: string; s: string; attr?: { error?: unknown } };
      message = parsed.msg;
      if (parsed.s === 'E') member.lastError = String(parsed.attr?.error ?? message);
    } catch {
      return undefined;
    }
    if (message === 'Waiting for connections') {
      this.emit('event', {
        member: index,
        kind: 'started',
        text: `listens on ${member.port}, process ${member.process?.pid}`,
      });
      return 'listening';
    }
    const [, role] = /^transition to (\w+) from \w+/i.exec(message) ?? [];
    if (role !== undefined) {
      if (role !== 'PRIMARY') member.role = role;
      this.emit('event', { member: index, kind: 'role', text: role });
    } else if (message.startsWith('Transition to primary complete')) {
      member.role = 'PRIMARY';
      this.emit('event', { member: index, kind: 'writable', text: 'takes writes' });
    }
    return undefined;
  }

  #memberEnded(
    index: number,
    child: ChildProcess,
    code: number | null,
    signal: NodeJS.Signals | null,
  ): void {
    const member = this.#member(index);
    if (member.process !== child) return;
    member.process = undefined;
    member.role = 'DOWN';
    this.emit('event', {
      member: index,
      kind: 'ended',
      text: signal === null ? `ended with code ${code}` : `was ended by ${signal}`,
    });
    if (member.isWanted && this.#options.restart === true) {
      setTimeout(() => {
        if (member.isWanted && member.process === undefined) {
          this.startMember(index).catch(() => {});
        }
      }, restartDelayMs);
    }
  }

  #member(index: number): MemberProcess {
    const member = this.#members[index];
    if (member === undefined) throw new Error(`there is no member ${index}`);
    return member;
  }
}

/** The words after `node` that start arkd from the code this file belongs to. */
function arkdCommand(): string[] {
  const here = fileURLToPath(import.meta.url);
  return here.endsWith('.ts')
    ? ['--import', 'tsx', fileURLToPath(new URL('../main.ts', import.meta.url))]
    : [fileURLToPath(new URL('../main.js', import.meta.url))];
}
