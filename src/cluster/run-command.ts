import { connect } from 'node:net';
import { type Document, deserialize, serialize } from 'bson';
import { encodeOpMsg, MessageReader, nextRequestId, parseOpMsg } from '../../wire/index.ts';
import { MongoServerError } from '../errors/index.ts';

const timeoutMs = 20_000;

/**
 * Sends one command to one member over a connection of its own: for the starter of a set, which
 * has no driver. Throws MongoServerError with what the member answered, Error when it cannot be
 * reached or does not answer within 20 s.
 */
export async function runCommand(
  host: string,
  database: string,
  command: Document,
): Promise<Document> {
  const [address = '', port] = host.split(':');
  const socket = connect({ host: address, port: Number(port), timeout: timeoutMs });
  const reader = new MessageReader();
  try {
    const reply = await new Promise<Document>((resolve, reject) => {
      socket.once('error', reject);
      socket.once('timeout', () => reject(new Error(`${host} does not answer`)));
      socket.once('close', () => reject(new Error(`${host} closed the connection`)));
      socket.on('data', (chunk) => {
        reader.push(chunk);
        const message = reader.next();
        if (message === undefined) return;
        const { body } = parseOpMsg(message);
        resolve(deserialize(body.buffer.subarray(body.start, body.end)));
      });
      socket.write(
        encodeOpMsg({
          requestId: nextRequestId(),
          responseTo: 0,
          body: serialize({ ...command, $db: database }),
        }),
      );
    });
    if (reply.ok === 1) return reply;
    throw new MongoServerError(reply.code, reply.errmsg);
  } finally {
    socket.destroy();
  }
}
