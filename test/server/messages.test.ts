/** The forms a message can take on the way in, and what the reply looks like. */
import { deserialize, serialize } from 'bson';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  compressMessage,
  compressorByName,
  decompressMessage,
  encodeOpQuery,
  MessageReader,
  opcodes,
  parseOpMsg,
  parseOpReply,
  readHeader,
} from '../../wire/index.ts';
import { type RunningServer, startCommandServer } from '../support/command-server.ts';
import { commandMessage, RawClient } from '../support/raw-client.ts';

let running: RunningServer;

beforeAll(async () => {
  running = await startCommandServer();
});
afterAll(() => running.stop());

/** Sends one message and returns the whole message that answers it. */
async function exchange(client: RawClient, message: Buffer): Promise<Buffer> {
  const reader = new MessageReader();
  client.socket.removeAllListeners('data');
  return new Promise((resolve) => {
    client.socket.on('data', (chunk) => {
      reader.push(chunk);
      const reply = reader.next();
      if (reply !== undefined) resolve(reply);
    });
    client.send(message);
  });
}

describe('OP_QUERY', () => {
  test.each(['isMaster', 'ismaster', 'hello'])('%s is answered with an OP_REPLY', async (name) => {
    const client = await RawClient.connect(running.port);
    const query = serialize({ [name]: 1, helloOk: true });
    const bytes = encodeOpQuery({ requestId: 77, fullCollectionName: 'admin.$cmd', query });
    const reply = await exchange(client, bytes);
    expect(readHeader(reply)).toMatchObject({ opcode: opcodes.reply, responseTo: 77 });
    const { document } = parseOpReply(reply);
    expect(deserialize(document.buffer.subarray(document.start, document.end))).toMatchObject({
      helloOk: true,
      maxWireVersion: 25,
      ok: 1,
    });
    client.close();
  });

  test('another command is refused with the code of its own', async () => {
    const client = await RawClient.connect(running.port);
    const query = serialize({ ping: 1 });
    client.send(encodeOpQuery({ requestId: 1, fullCollectionName: 'admin.$cmd', query }));
    expect(await client.answer()).toMatchObject({
      document: { ok: 0, code: 352, codeName: 'UnsupportedOpQueryCommand' },
    });
    client.close();
  });
});

describe.each(['snappy', 'zlib', 'zstd'])('a message compressed with %s', (name) => {
  test('is answered compressed, once agreed on', async () => {
    const compressor = compressorByName(name)!;
    const client = await RawClient.connect(running.port);
    expect(await client.command({ hello: 1, compression: [name], $db: 'admin' })).toMatchObject({
      compression: [name],
    });
    const request = commandMessage({ listCommands: 1, comment: 'x'.repeat(500), $db: 'admin' });
    const compressed = await compressMessage(request, compressor);
    expect(readHeader(compressed).opcode).toBe(opcodes.compressed);
    const reply = await exchange(client, compressed);
    expect(readHeader(reply)).toMatchObject({
      opcode: opcodes.compressed,
      responseTo: readHeader(request).requestId,
    });
    const { message } = await decompressMessage(reply, () => true);
    const { body } = parseOpMsg(message);
    expect(deserialize(message.subarray(body.start, body.end))).toMatchObject({ ok: 1 });
    client.close();
  });

  test('closes the connection when it was not', async () => {
    const client = await RawClient.connect(running.port);
    const request = commandMessage({ listCommands: 1, comment: 'x'.repeat(500), $db: 'admin' });
    client.send(await compressMessage(request, compressorByName(name)!));
    expect(await client.answer()).toEqual({ kind: 'closed' });
    client.close();
  });
});
