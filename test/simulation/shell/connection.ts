/**
 * A connection of a client or another member to a server: requests one way, replies the other, as
 * bytes, in order. The server's side does what `src/server/connection.ts` does with a socket: it
 * hands the request to the dispatcher, sends a stream's replies as fast as they are taken, and tells
 * the dispatcher when the other side has left.
 */
import { encodeDocument } from '../../../src/bson/index.ts';
import {
  type ClientConnection,
  CommandBody,
  type DispatchResult,
  isStream,
  type ReplyStream,
} from '../../../src/commands/index.ts';
import type { Lane, Network } from './network.ts';
import type { Server } from './server.ts';

export type Enter = (run: () => void) => void;

export interface ReplyListener {
  /** `hasMore`: another reply of the same stream follows. */
  reply(bytes: Buffer, hasMore: boolean): void;
  /** The connection is gone; `wasRefused`: no request can have been received. */
  gone(wasRefused: boolean): void;
}

/** Replies on their way that nobody has taken: the room there is in sockets. */
const unreadRepliesMax = 4;

export class Connection {
  readonly ends: readonly [string, string];
  readonly #network: Network;
  readonly #enter: Enter;
  readonly #server: Server | undefined;
  readonly #there: Lane;
  readonly #back: Lane;
  readonly #session: Session | undefined;
  #listener: ReplyListener | undefined;
  #isOpen = true;

  /** `enter` leads into the process that opens it. */
  constructor(network: Network, from: string, to: string, enter: Enter) {
    this.ends = [from, to];
    this.#network = network;
    this.#enter = enter;
    this.#there = network.lane(from, to);
    this.#back = network.lane(to, from);
    this.#server = network.at(to);
    if (this.#server !== undefined) {
      this.#session = new Session(this.#server, this.#back, network.nextConnectionId(), {
        reply: (bytes, hasMore) => this.#take((listener) => listener.reply(bytes, hasMore)),
        left: () => this.#lost(false),
      });
    }
    network.opened(this);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  send(request: Buffer, listener: ReplyListener): void {
    this.#listener = listener;
    const { timeline } = this.#network;
    if (this.#server === undefined) {
      // Nobody listens there: the machine says so, if it is on.
      if (!this.#network.isDark(this.ends[1])) {
        timeline.after(2 * this.#network.latency(), () => this.#lost(true));
      }
      return;
    }
    this.#there.push(request, () => this.#session?.receive(request));
  }

  /** The listener has taken a reply of a stream: there is room for another. */
  taken(): void {
    this.#session?.taken();
  }

  /** Closes this side: the listener hears nothing any more, the server a little later. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#listener = undefined;
    this.#network.closed(this);
    this.#there.push(undefined, () => this.#session?.clientGone());
  }

  /** The network or the other process gave it up; both sides hear of it. */
  reset(): void {
    this.#network.closed(this);
    const { timeline } = this.#network;
    timeline.after(this.#network.latency(), () => this.#session?.clientGone());
    timeline.after(this.#network.latency(), () => this.#lost(false));
  }

  #take(tell: (listener: ReplyListener) => void): void {
    this.#enter(() => {
      if (this.#listener !== undefined) tell(this.#listener);
    });
  }

  #lost(wasRefused: boolean): void {
    this.#enter(() => {
      if (!this.#isOpen) return;
      this.#isOpen = false;
      this.#network.closed(this);
      const listener = this.#listener;
      this.#listener = undefined;
      listener?.gone(wasRefused);
    });
  }
}

interface SessionEvents {
  reply(bytes: Buffer, hasMore: boolean): void;
  left(): void;
}

/** The server's side. */
class Session implements ClientConnection {
  readonly id: number;
  readonly remoteAddress = 'simulated';
  readonly remotePort = 0;
  readonly localAddress = 'simulated';
  readonly localPort = 0;
  readonly openedAt = new Date(0);
  metadata: Buffer | undefined = undefined;
  appName = '';
  helloOk = false;
  compressors: readonly string[] = [];
  user: string | undefined = undefined;
  isMember = false;
  readonly #server: Server;
  readonly #back: Lane;
  readonly #events: SessionEvents;
  #unread = 0;
  #hasLeft = false;
  #wake: (() => void) | undefined;

  constructor(server: Server, back: Lane, id: number, events: SessionEvents) {
    this.#server = server;
    this.#back = back;
    this.id = id;
    this.#events = events;
    server.sessions.add(this);
  }

  destroy(): void {
    this.#back.push(undefined, () => this.#events.left());
  }

  receive(request: Buffer): void {
    this.#server.process.enter(() => {
      if (this.#hasLeft) return;
      const body = new CommandBody(request, 0);
      const { dispatcher } = this.#server;
      const result = dispatcher.dispatch({ body, exhaustAllowed: true, legacy: false }, this);
      if (result instanceof Promise) void result.then((answer) => this.#answer(answer));
      else this.#answer(result);
    });
  }

  taken(): void {
    this.#unread--;
    this.#server.process.enter(() => this.#wake?.());
  }

  clientGone(): void {
    this.#server.process.enter(() => {
      if (this.#hasLeft) return;
      this.#hasLeft = true;
      this.#server.sessions.delete(this);
      this.#server.dispatcher.clientGone(this.id);
      this.#wake?.();
    });
  }

  #answer(result: DispatchResult): void {
    if (isStream(result)) void this.#run(result.stream);
    else this.#send(encodeDocument(result), false);
  }

  async #run(stream: ReplyStream['stream']): Promise<void> {
    for (;;) {
      const { value, done } = await stream.next();
      if (this.#hasLeft || this.#server.process.hasEnded) break;
      if (value !== undefined) this.#send(encodeDocument(value), done !== true);
      if (done === true) return;
      this.#unread++;
      while (this.#unread >= unreadRepliesMax && !this.#hasLeft) await this.#room();
      if (this.#hasLeft) break;
    }
    await stream.return(undefined);
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }

  #send(bytes: Buffer, hasMore: boolean): void {
    if (this.#hasLeft || this.#server.process.hasEnded) return;
    this.#back.push(bytes, () => this.#events.reply(bytes, hasMore));
  }
}
