import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningServer, startCommandServer } from '../support/command-server.ts';
import { type Answer, commandMessage, RawClient } from '../support/raw-client.ts';

let running: RunningServer;

beforeAll(async () => {
  running = await startCommandServer({ maxConnections: 50 });
});
afterAll(() => running.stop());

async function until(claim: () => boolean): Promise<void> {
  while (!claim()) await new Promise((resolve) => setTimeout(resolve, 2));
}

function helloAwaited(topologyVersion: unknown, maxAwaitTimeMS = 10_000): Record<string, unknown> {
  return { hello: 1, topologyVersion, maxAwaitTimeMS, $db: 'admin' };
}

/** As the server sent it, with its long as a long. */
async function currentTopology(client: RawClient): Promise<unknown> {
  const { topologyVersion } = await client.command({ hello: 1, $db: 'admin' });
  const { Long } = await import('bson');
  return { ...(topologyVersion as object), counter: Long.fromNumber(0) };
}

test('requests sent at once are answered in order', async () => {
  const client = await RawClient.connect(running.port);
  const messages = Array.from({ length: 200 }, () => commandMessage({ ping: 1, $db: 'admin' }));
  client.send(Buffer.concat(messages));
  for (const message of messages) {
    const answer = await client.answer();
    expect(answer.kind === 'reply' && answer.message.readInt32LE(8)).toBe(message.readInt32LE(4));
  }
  client.close();
});

test('a request behind a waiting one is answered after it', async () => {
  const client = await RawClient.connect(running.port);
  const topology = await currentTopology(client);
  const first = commandMessage(helloAwaited(topology, 30));
  const second = commandMessage({ ping: 1, $db: 'admin' });
  client.send(Buffer.concat([first, second]));
  for (const message of [first, second]) {
    const answer = await client.answer();
    expect(answer.kind === 'reply' && answer.message.readInt32LE(8)).toBe(message.readInt32LE(4));
  }
  client.close();
});

test('a request with moreToCome gets no reply, not even an error', async () => {
  const client = await RawClient.connect(running.port);
  client.send(commandMessage({ ping: 1, $db: 'admin' }, { moreToCome: true }));
  client.send(commandMessage({ nonsense: 1, $db: 'admin' }, { moreToCome: true }));
  const last = commandMessage({ ping: 1, $db: 'admin' });
  client.send(last);
  const answer = await client.answer();
  expect(answer.kind === 'reply' && answer.message.readInt32LE(8)).toBe(last.readInt32LE(4));
  client.close();
});

test('a checksum that fits is accepted', async () => {
  const client = await RawClient.connect(running.port);
  client.send(commandMessage({ ping: 1, $db: 'admin' }, { checksum: true }));
  expect(await client.answer()).toMatchObject({ document: { ok: 1 } });
  client.close();
});

describe('exhaust', () => {
  test('one hello is answered again and again, each reply answering the one before', async () => {
    const client = await RawClient.connect(running.port);
    const topology = await currentTopology(client);
    const request = commandMessage(helloAwaited(topology, 5), { exhaustAllowed: true });
    client.send(request);
    let expected = request.readInt32LE(4);
    for (let count = 0; count < 3; count++) {
      const answer = await client.answer();
      if (answer.kind !== 'reply') throw new Error(answer.kind);
      expect(answer.moreToCome).toBe(true);
      expect(answer.message.readInt32LE(8)).toBe(expected);
      expected = answer.message.readInt32LE(4);
    }
    client.close();
  });

  test('the stream and its operation end with the connection', async () => {
    const client = await RawClient.connect(running.port);
    const topology = await currentTopology(client);
    client.send(commandMessage(helloAwaited(topology), { exhaustAllowed: true }));
    const { operations } = running.server.dispatcher;
    await until(() => [...operations.all()].length === 1);
    client.close();
    await until(() => [...operations.all()].length === 0);
  });

  test('a command that streams nothing answers once', async () => {
    const client = await RawClient.connect(running.port);
    client.send(commandMessage({ ping: 1, $db: 'admin' }, { exhaustAllowed: true }));
    expect(await client.answer()).toMatchObject({ moreToCome: false, document: { ok: 1 } });
    client.close();
  });
});

/** Together more than the buffers of both sockets hold. */
const requests = 1500;

test('a client that does not read is not read from either', async () => {
  const client = await RawClient.connect(running.port);
  client.socket.pause();
  const request = commandMessage({ listCommands: 1, $db: 'admin' });
  const burst = Buffer.concat(Array.from({ length: requests }, () => request));
  client.send(burst);
  const pending = (): number =>
    Math.max(...[...running.server.listener.connections()].map((each) => each.pendingReplyBytes));
  await until(() => pending() > 4 * 1024 * 1024);
  expect(pending()).toBeLessThan(5 * 1024 * 1024);
  client.socket.resume();
  let answers = 0;
  for (; answers < requests; answers++) {
    const answer: Answer = await client.answer(5000);
    if (answer.kind !== 'reply') throw new Error(answer.kind);
  }
  expect(answers).toBe(requests);
  client.close();
});

test('a browser is told where it is', async () => {
  const response = await fetch(`http://127.0.0.1:${running.port}/`);
  expect(response.status).toBe(200);
  expect(await response.text()).toContain(
    'It looks like you are trying to access MongoDB over HTTP on the native driver port.',
  );
});

test('a connection above the limit is closed at once', async () => {
  const before = running.server.listener.connectionCounts().current;
  const clients: RawClient[] = [];
  for (let count = before; count < 50; count++) clients.push(await RawClient.connect(running.port));
  const extra = await RawClient.connect(running.port);
  expect(await extra.answer()).toEqual({ kind: 'closed' });
  expect(await clients[0]!.command({ ping: 1, $db: 'admin' })).toMatchObject({ ok: 1 });
  for (const client of clients) client.close();
  await until(() => running.server.listener.connectionCounts().current <= before);
});

test('a stop interrupts what waits, answers it, and closes', async () => {
  const server = await startCommandServer();
  const client = await RawClient.connect(server.port);
  const idle = await RawClient.connect(server.port);
  const topology = await currentTopology(client);
  client.send(commandMessage(helloAwaited(topology)));
  const { operations } = server.server.dispatcher;
  await until(() => [...operations.all()].length === 1);
  await server.stop();
  expect(await client.answer()).toMatchObject({
    document: { ok: 0, codeName: 'InterruptedAtShutdown' },
  });
  expect(await client.answer()).toEqual({ kind: 'closed' });
  expect(await idle.answer()).toEqual({ kind: 'closed' });
});

test('a port in use is refused with the error of the system', async () => {
  await expect(startCommandServer({ port: running.port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });
});

test('a message that does not come to an end closes its connection', async () => {
  const server = await startCommandServer({ idleMessageMs: 40 });
  const half = await RawClient.connect(server.port);
  const quiet = await RawClient.connect(server.port);
  half.send(commandMessage({ ping: 1, $db: 'admin' }).subarray(0, 30));
  expect(await half.answer(5000)).toEqual({ kind: 'closed' });
  expect(await quiet.command({ ping: 1, $db: 'admin' })).toMatchObject({ ok: 1 });
  quiet.close();
  await server.stop();
});

test('unfinished messages of all connections together have a limit', async () => {
  const server = await startCommandServer({ unreadBytesMax: 1_000_000 });
  const clients = await Promise.all([1, 2, 3].map(() => RawClient.connect(server.port)));
  const part = commandMessage({ ping: 1, comment: 'x'.repeat(1_000_000), $db: 'admin' });
  for (const client of clients) client.send(part.subarray(0, 450_000));
  const closed = await Promise.all(clients.map((client) => client.answer(300)));
  expect(closed.filter(({ kind }) => kind === 'closed').length).toBe(1);
  for (const client of clients) client.close();
  await until(() => server.server.listener.connectionCounts().current === 0);
  const again = await RawClient.connect(server.port);
  again.send(part);
  expect(await again.answer()).toMatchObject({ document: { ok: 1 } });
  again.close();
  await server.stop();
});
