/** A client that sends any bytes it is told to, for what a driver would never send. */
import { connect, type Socket } from 'node:net';
import { deserialize, serialize } from 'bson';
import {
  encodeOpMsg,
  MessageReader,
  nextRequestId,
  opcodes,
  parseOpMsg,
} from '../../wire/index.ts';

export type Answer =
  | {
      readonly kind: 'reply';
      readonly document: Record<string, unknown>;
      readonly moreToCome: boolean;
      readonly message: Buffer;
    }
  /** Bytes that are no message, e.g. of HTTP. */
  | { readonly kind: 'text' }
  | { readonly kind: 'closed' }
  | { readonly kind: 'silence' };

export class RawClient {
  readonly socket: Socket;
  readonly #reader = new MessageReader();
  readonly #answers: Answer[] = [];
  #wake: (() => void) | undefined;
  #closed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#reader.push(chunk);
      try {
        for (;;) {
          const message = this.#reader.next();
          if (message === undefined) break;
          this.#answers.push(readAnswer(message));
        }
      } catch {
        this.#answers.push({ kind: 'text' });
      }
      this.#wake?.();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#closed = true;
      this.#wake?.();
    });
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const client = new RawClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  send(bytes: Uint8Array): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  /** The next answer: a reply, the end of the connection, or silence for `timeoutMs`. */
  async answer(timeoutMs = 1000): Promise<Answer> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const answer = this.#answers.shift();
      if (answer !== undefined) return answer;
      if (this.#closed) return { kind: 'closed' };
      const left = deadline - performance.now();
      if (left <= 0) return { kind: 'silence' };
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Sends a command exactly as given ($db included) and returns the reply. */
  async command(body: Record<string, unknown>): Promise<Record<string, unknown>> {
    this.send(commandMessage(body));
    const answer = await this.answer(5000);
    if (answer.kind !== 'reply') throw new Error(`no reply: ${answer.kind}`);
    return answer.document;
  }

  close(): void {
    this.socket.destroy();
  }
}

export function commandMessage(
  body: Record<string, unknown>,
  options: { exhaustAllowed?: boolean; moreToCome?: boolean; checksum?: boolean } = {},
): Buffer {
  return encodeOpMsg({
    requestId: nextRequestId(),
    responseTo: 0,
    body: serialize(body),
    ...options,
  });
}

function readAnswer(message: Buffer): Answer {
  if (message.readInt32LE(12) === opcodes.msg) {
    const { body, moreToCome } = parseOpMsg(message);
    const document = deserialize(message.subarray(body.start, body.end));
    return { kind: 'reply', document, moreToCome, message };
  }
  return { kind: 'reply', document: deserialize(message.subarray(36)), moreToCome: false, message };
}
