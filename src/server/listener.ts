/**
 * Accepts connections on one or more addresses, counts them, and lets them go. The only file
 * besides `peer` that opens sockets.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { CommandLog, Dispatcher } from '../commands/index.ts';
import { Connection, type ConnectionOwner } from './connection.ts';
import { TurnEnd } from './turn-end.ts';

export interface ListenerOptions {
  readonly dispatcher: Dispatcher;
  readonly log: CommandLog;
  /** Open connections above which a new one is closed at once. */
  readonly maxConnections?: number;
  /** A message begun and not finished: how long no byte may come, and how long in all. */
  readonly idleMessageMs?: number;
  readonly wholeMessageMs?: number;
  /** Bytes of unfinished messages of all connections above which the newest is closed. */
  readonly unreadBytesMax?: number;
  /** The first value of `Listener.quiet`. */
  readonly quiet?: boolean;
}

/** How often unfinished messages are looked at, in milliseconds. */
const sweepMs = 1000;

export class Listener implements ConnectionOwner {
  readonly dispatcher: Dispatcher;
  readonly turnEnd = new TurnEnd();
  coarseNow = performance.now();
  /** Says nothing about connections that come and go. */
  quiet: boolean;
  readonly #options: ListenerOptions;
  readonly #servers: Server[] = [];
  readonly #connections = new Set<Connection>();
  readonly #maxConnections: number;
  #totalCreated = 0;
  #heldBytes = 0;
  #stopping: Promise<void> | undefined;
  #whenEmpty: (() => void) | undefined;
  #sweeper: NodeJS.Timeout | undefined;

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.dispatcher = options.dispatcher;
    this.quiet = options.quiet ?? false;
    this.#maxConnections = options.maxConnections ?? 10_000;
  }

  /**
   * Listens on every address; port 0 picks one, the same for all. Resolves with the port. Rejects
   * with the system's error, e.g. EADDRINUSE, and then listens nowhere.
   */
  async listen(addresses: readonly string[], port: number): Promise<number> {
    let bound = port;
    try {
      for (const address of addresses) bound = await this.#bind(address, bound);
    } catch (error) {
      for (const server of this.#servers) server.close();
      throw error;
    }
    const every = Math.min(sweepMs, (this.#options.idleMessageMs ?? sweepMs) / 2);
    this.#sweeper = setInterval(() => this.#sweep(), every);
    this.#sweeper.unref();
    return bound;
  }

  connectionCounts(): { current: number; available: number; totalCreated: number } {
    return {
      current: this.#connections.size,
      available: Math.max(0, this.#maxConnections - this.#connections.size),
      totalCreated: this.#totalCreated,
    };
  }

  connections(): IterableIterator<Connection> {
    return this.#connections.values();
  }

  /** Accepts nothing more, interrupts what runs, lets every reply leave, closes. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  holdBytes(change: number): boolean {
    this.#heldBytes += change;
    return this.#heldBytes <= (this.#options.unreadBytesMax ?? 256 * 1024 * 1024);
  }

  closed(connection: Connection): void {
    this.#connections.delete(connection);
    if (!this.quiet) {
      this.#options.log.info('NETWORK', 'Connection ended', {
        remote: `${connection.remoteAddress}:${connection.remotePort}`,
        connectionId: connection.id,
        connectionCount: this.#connections.size,
      });
    }
    if (this.#connections.size === 0) this.#whenEmpty?.();
  }

  async #stop(): Promise<void> {
    if (this.#sweeper !== undefined) clearInterval(this.#sweeper);
    for (const server of this.#servers) server.close();
    if (this.#connections.size === 0) return;
    const empty = new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
    this.dispatcher.interruptAll();
    for (const connection of this.#connections) connection.end();
    await empty;
  }

  #bind(address: string, port: number): Promise<number> {
    const server = createServer({ noDelay: true, keepAlive: true }, (socket) =>
      this.#accept(socket),
    );
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      const listening = (): void => {
        server.off('error', reject);
        server.on('error', (error) =>
          this.#options.log.error('NETWORK', 'Error accepting a connection', {
            error: error.message,
          }),
        );
        this.#servers.push(server);
        const bound = server.address();
        resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
      };
      if (address.startsWith('/')) server.listen(address, listening);
      else server.listen(port, address, listening);
    });
  }

  #accept(socket: Socket): void {
    if (this.#stopping !== undefined || this.#connections.size >= this.#maxConnections) {
      socket.on('error', () => {});
      socket.destroy();
      this.#options.log.warning(
        'NETWORK',
        'Connection refused because there are too many open connections',
        { connectionCount: this.#connections.size },
      );
      return;
    }
    this.#totalCreated++;
    const connection = new Connection(this.#totalCreated, socket, this);
    this.#connections.add(connection);
    if (!this.quiet) {
      this.#options.log.info('NETWORK', 'Connection accepted', {
        remote: `${connection.remoteAddress}:${connection.remotePort}`,
        connectionId: connection.id,
        connectionCount: this.#connections.size,
      });
    }
  }

  /** Closes connections whose message does not come to an end. */
  #sweep(): void {
    this.coarseNow = performance.now();
    const { idleMessageMs = 30_000, wholeMessageMs = 120_000 } = this.#options;
    for (const connection of this.#connections) {
      if (connection.incompleteSince === 0) continue;
      if (
        this.coarseNow - connection.lastByteAt > idleMessageMs ||
        this.coarseNow - connection.incompleteSince > wholeMessageMs
      ) {
        connection.end();
      }
    }
  }
}
