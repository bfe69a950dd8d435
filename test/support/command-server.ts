/** A listener with commands and no data, for tests of the codec, the sockets and the diagnostics. */
import { MongoClient, type MongoClientOptions } from 'mongodb';
import type { CommandLog, ReplicaSet } from '../../src/commands/index.ts';
import { Database } from '../../src/database/index.ts';
import { CommandServer, type CommandServerOptions } from '../../src/server/index.ts';
import { openMemoryEngine } from '../../storage/index.ts';

export interface LogLine {
  readonly component: string;
  readonly message: string;
  readonly attributes: Record<string, unknown> | undefined;
}

export class RunningServer {
  readonly server: CommandServer;
  readonly lines: LogLine[];
  readonly #clients: MongoClient[] = [];

  constructor(server: CommandServer, lines: LogLine[]) {
    this.server = server;
    this.lines = lines;
  }

  get port(): number {
    return this.server.port;
  }

  /** Connected directly, closed with the server. */
  async client(options: MongoClientOptions = {}): Promise<MongoClient> {
    const client = new MongoClient(`mongodb://127.0.0.1:${this.port}/?directConnection=true`, {
      serverSelectionTimeoutMS: 5000,
      ...options,
    });
    this.#clients.push(client);
    await client.connect();
    return client;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.server.stop();
  }
}

export async function startCommandServer(
  options: Partial<CommandServerOptions> & { replicaSet?: ReplicaSet | undefined } = {},
): Promise<RunningServer> {
  const lines: LogLine[] = [];
  const write: CommandLog['info'] = (component, message, attributes) => {
    lines.push({ component, message, attributes });
  };
  const server = new CommandServer({
    // What commands without data need of a database: a registry of cursors, empty.
    database: { cursors: { killWhere: () => 0 } } as never,
    replicaSet: undefined,
    log: { info: write, warning: write, error: write },
    port: 0,
    ...options,
  });
  await server.listen();
  return new RunningServer(server, lines);
}

/** A listener before an empty database of its own, in memory and in no set. */
export async function startMemoryServer(): Promise<RunningServer> {
  const database = await Database.open({ engine: openMemoryEngine(), replicated: false });
  return startCommandServer({ database });
}
