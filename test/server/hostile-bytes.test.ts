import { serialize } from 'bson';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningServer, startCommandServer } from '../support/command-server.ts';
import { type Answer, commandMessage, RawClient } from '../support/raw-client.ts';
import { body, type HostileCase, hostileCases, opMsg } from './hostile-messages.ts';

let running: RunningServer;
let canary: RawClient;
let canaryRuns = true;
/** Milliseconds of CPU time between a ping and its answer: a busy machine is no fault of the server. */
let slowestPing = 0;
let pings = 0;
let canaryLoop: Promise<void>;
const faults: unknown[] = [];

/** Pings on a connection of its own as long as the tests run. */
async function keepPinging(): Promise<void> {
  while (canaryRuns) {
    const before = process.cpuUsage();
    const reply = await canary.command({ ping: 1, $db: 'admin' });
    expect(reply).toMatchObject({ ok: 1 });
    slowestPing = Math.max(slowestPing, process.cpuUsage(before).user / 1000);
    pings++;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

beforeAll(async () => {
  running = await startCommandServer({ quiet: true, onFault: (error) => faults.push(error) });
  canary = await RawClient.connect(running.port);
  canaryLoop = keepPinging();
});

afterAll(async () => {
  canaryRuns = false;
  await canaryLoop;
  expect(pings).toBeGreaterThan(10);
  expect(slowestPing).toBeLessThan(1000);
  canary.close();
  await running.stop();
  expect(faults).toEqual([]);
});

async function attack(hostile: HostileCase): Promise<Answer> {
  const client = await RawClient.connect(running.port);
  try {
    if (hostile.before !== undefined) {
      client.send(hostile.before);
      expect(await client.answer()).toMatchObject({ kind: 'reply', document: { ok: 1 } });
    }
    client.send(hostile.bytes);
    if (hostile.thenEnds) client.socket.end();
    return await client.answer(1000);
  } finally {
    client.close();
  }
}

test('the table has at least 200 cases, each with its own name', () => {
  expect(hostileCases.length).toBeGreaterThanOrEqual(200);
  expect(new Set(hostileCases.map(({ name }) => name)).size).toBe(hostileCases.length);
});

test('every hostile message is answered with an error or closes its connection', async () => {
  const wrong: string[] = [];
  for (let at = 0; at < hostileCases.length; at += 16) {
    const batch = hostileCases.slice(at, at + 16);
    const answers = await Promise.all(batch.map(attack));
    for (const [index, answer] of answers.entries()) {
      if (answer.kind === 'closed' || answer.kind === 'text') continue;
      if (answer.kind === 'reply' && answer.document.ok === 0) {
        if (typeof answer.document.code === 'number' && answer.document.code !== 1) continue;
      }
      const { name } = batch[index]!;
      wrong.push(`${name}: ${JSON.stringify(answer.kind === 'reply' ? answer.document : answer)}`);
    }
  }
  expect(wrong).toEqual([]);
});

test('after a refused document the same connection goes on', async () => {
  const client = await RawClient.connect(running.port);
  const broken = Buffer.from(serialize({ ping: 1, $db: 'admin' }));
  broken[4] = 99;
  client.send(opMsg(0, body(broken)));
  expect(await client.answer()).toMatchObject({ document: { ok: 0, codeName: 'InvalidBSON' } });
  expect(await client.command({ ping: 1, $db: 'admin' })).toMatchObject({ ok: 1 });
  client.close();
});

test('a changed byte anywhere gets an answer or ends the connection', async () => {
  const good = commandMessage({
    hello: 1,
    comment: { text: 'abc', list: [1, 2.5, true, null, new Date(0), /x/i] },
    $db: 'admin',
  });
  await fc.assert(
    fc.asyncProperty(
      fc.nat(good.length - 1),
      fc.integer({ min: 1, max: 255 }),
      async (at, flip) => {
        const bytes = Buffer.from(good);
        bytes[at]! ^= flip;
        // A longer length makes the server wait for bytes that never come; so end the sending side.
        const answer = await attack({ name: 'flip', bytes, thenEnds: at < 4 || at === 16 });
        expect(answer.kind).not.toBe('silence');
      },
    ),
    { numRuns: 300 },
  );
});

test('random bytes never end the server', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
      const answer = await attack({ name: 'random', bytes: Buffer.from(bytes), thenEnds: true });
      expect(answer.kind).not.toBe('silence');
    }),
    { numRuns: 100 },
  );
});

describe('cuts', () => {
  test('a command cut at each byte by the end of the connection is never run twice or leaked', async () => {
    const message = commandMessage({ ping: 1, $db: 'admin' });
    for (let cut = 0; cut < message.length; cut++) {
      const client = await RawClient.connect(running.port);
      client.send(message.subarray(0, cut));
      client.socket.end();
      expect(await client.answer()).toEqual({ kind: 'closed' });
    }
    const status = await canaryStatus();
    expect(status).toBeLessThan(10);
  });

  test('a command split at each byte is answered all the same', async () => {
    const message = commandMessage({ ping: 1, $db: 'admin' });
    const client = await RawClient.connect(running.port);
    for (let cut = 1; cut < message.length; cut++) {
      client.send(message.subarray(0, cut));
      await new Promise((resolve) => setImmediate(resolve));
      client.send(message.subarray(cut));
      expect(await client.answer()).toMatchObject({ document: { ok: 1 } });
    }
    client.close();
  });
});

/** Connections the server counts, once those that were closed are gone. */
async function canaryStatus(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const { current } = running.server.listener.connectionCounts();
    if (current < 10) return current;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return running.server.listener.connectionCounts().current;
}
