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
import { createServer } from 'node:net';
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

  private constructor(options: ProcessClusterOptions) {
    super();
    this.name = options.name ?? 'rs0';
    this.#options = options;
    this.#members = options.ports.map((port, member) => {
      mkdirSync(this.dataPath(member), { recursive: true });
      return {
        host: `127.0.0.1:${port}`,
        port,
        process: undefined,
        log: createWriteStream(join(options.folder, `member-${member}.log`), { flags: 'a' }),
        role: 'STARTUP',
        isWanted: true,
      };
    });
  }

  /** Starts all members and, the first time, makes a replica set of them. */
  static async start(
    options: ProcessClusterOptions,
    onEvent?: (event: MemberEvent) => void,
  ): Promise<ProcessCluster> {
    const cluster = new ProcessCluster(options);
    if (onEvent !== undefined) cluster.on('event', onEvent);
    try {
      await Promise.all(cluster.#members.map((_, member) => cluster.startMember(member)));
      await cluster.#initiate();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
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

  /** Resolves when some member takes writes, with its index. */
  async writable(): Promise<number> {
    return this.primary ?? this.nextWritable();
  }

  /** Resolves when a member begins to take writes, with its index. */
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
            `member ${index} ended while starting (${signal ?? `code ${code}`}); see ${join(this.#options.folder, `member-${index}.log`)}`,
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
    await Promise.all(
      this.#members.map(async (member) => {
        member.isWanted = false;
        const child = member.process;
        if (child !== undefined && child.exitCode === null && child.signalCode === null) {
          const ended = once(child, 'exit');
          child.kill('SIGCONT');
          child.kill('SIGTERM');
          const impatient = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
          await ended;
          clearTimeout(impatient);
        }
        if (!member.log.writableEnded) member.log.end();
      }),
    );
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
    try {
      message = (JSON.parse(line) as { msg: string }).msg;
    } catch {
      return undefined;
    }
    const member = this.#member(index);
    if (message === 'Waiting for connections') {
      this.emit('event', { member: index, kind: 'started', text: 'listens' });
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

/** `count` ports at or above `first` that nobody listens on. */
export async function freePorts(first: number, count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let port = first; ports.length < count && port < 65_536; port++) {
    if (await isPortFree(port)) ports.push(port);
  }
  if (ports.length < count) throw new Error(`no ${count} free ports from ${first} upward`);
  return ports;
}

/** `count` free ports anywhere, for tests that run side by side. */
export async function anyFreePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
