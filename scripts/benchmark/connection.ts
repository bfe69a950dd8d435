/**
 * The lightest client there can be: messages made in advance, replies only measured. A driver
 * would cost more than the server and hide its speed.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type Document, deserialize, serialize } from 'bson';

const opMsg = 2013;

/** An OP_MSG request with the command as its body. */
export function encodeCommand(command: Document): Buffer {
  const body = serialize(command);
  const message = Buffer.alloc(21 + body.length);
  message.writeInt32LE(message.length, 0);
  message.writeInt32LE(1, 4);
  message.writeInt32LE(opMsg, 12);
  message.set(body, 21);
  return message;
}

export class BenchmarkConnection {
  readonly #socket: Socket;
  #pending: Buffer = Buffer.alloc(0);
  #resolve: ((reply: Buffer) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;
  #replies = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', (error) => this.#reject?.(error));
    socket.on('close', () => this.#reject?.(new Error('connection closed')));
  }

  static async open(host: string): Promise<BenchmarkConnection> {
    const [name, port] = host.split(':');
    const socket = connect(Number(port), name);
    await once(socket, 'connect');
    return new BenchmarkConnection(socket);
  }

  /** Sends one message and resolves with the raw reply. One in 64 is checked for an error. */
  async send(message: Buffer): Promise<Buffer> {
    const reply = await new Promise<Buffer>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#socket.write(message);
    });
    if (this.#replies++ % 64 === 0) assertOk(decodeReply(reply));
    return reply;
  }

  async command(command: Document): Promise<Document> {
    const reply = decodeReply(await this.send(encodeCommand(command)));
    assertOk(reply);
    return reply;
  }

  close(): void {
    this.#reject = undefined;
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    if (this.#pending.length < 4) return;
    const length = this.#pending.readInt32LE(0);
    if (this.#pending.length < length) return;
    const reply = this.#pending.subarray(0, length);
    this.#pending = this.#pending.subarray(length);
    this.#resolve?.(reply);
  }
}

function decodeReply(reply: Buffer): Document {
  return deserialize(reply.subarray(21));
}

function assertOk(reply: Document): void {
  if (reply.ok !== 1 || reply.writeErrors !== undefined || reply.writeConcernError) {
    throw new Error(`the server refused: ${JSON.stringify(reply)}`);
  }
}
