/** Replies share memory that is written again once they are sent: never before. */
import { expect, test } from 'vitest';
import { Database } from '../../src/database/index.ts';
import { openMemoryEngine } from '../../storage/index.ts';
import { startCommandServer } from '../support/command-server.ts';
import { commandMessage, RawClient } from '../support/raw-client.ts';

const documentCount = 60;

/** Lengths from a few bytes to 59 KB, each document with a letter of its own. */
function textOf(id: number): string {
  return String.fromCharCode(65 + id).repeat(1 + id * 1000);
}

function checkReply(reply: unknown, first: number, count: number): void {
  const { cursor, ok } = reply as { cursor: { firstBatch: unknown[] }; ok: number };
  expect(ok).toBe(1);
  const expected = Array.from({ length: count }, (_, i) => ({
    _id: first + i,
    text: textOf(first + i),
  }));
  // Compared as a whole it would print megabytes when it fails.
  expect(JSON.stringify(cursor.firstBatch) === JSON.stringify(expected)).toBe(true);
}

/** A lookup of one document, or a batch of several. */
function request(number: number): { message: Buffer; first: number; count: number } {
  const first = (number * 7919) % (documentCount - 4);
  const count = number % 3 === 0 ? 4 : 1;
  const filter = count === 1 ? { _id: first } : { _id: { $gte: first, $lt: first + count } };
  return { message: commandMessage({ find: 'all', filter, $db: 'test' }), first, count };
}

async function answerTo(client: RawClient): Promise<unknown> {
  const answer = await client.answer(10_000);
  if (answer.kind !== 'reply') throw new Error(`no reply: ${answer.kind}`);
  return answer.document;
}

test('what a slow client has not read yet is not written over by the replies to others', async () => {
  const engine = openMemoryEngine();
  const database = await Database.open({ engine, replicated: false });
  const running = await startCommandServer({ database });
  const [slow, ...fast] = await Promise.all(
    Array.from({ length: 4 }, () => RawClient.connect(running.port)),
  );
  await slow!.command({
    insert: 'all',
    documents: Array.from({ length: documentCount }, (_, _id) => ({ _id, text: textOf(_id) })),
    $db: 'test',
  });
  slow!.socket.pause();
  // Together more than the buffers of both sockets hold.
  const unread = Array.from({ length: 300 }, (_, i) => request(i));
  for (const { message } of unread) slow!.send(message);
  const connections = [...running.server.listener.connections()];
  await expect
    .poll(() => Math.max(...connections.map((each) => each.pendingReplyBytes)))
    .toBeGreaterThan(1024 * 1024);
  await Promise.all(
    fast.map(async (client, at) => {
      for (let i = 0; i < 100; i++) {
        // Two at once, so that replies of one turn stand behind each other.
        const [one, other] = [request(i * 3 + at), request(i * 5 + at)];
        client.send(Buffer.concat([one.message, other.message]));
        checkReply(await answerTo(client), one.first, one.count);
        checkReply(await answerTo(client), other.first, other.count);
      }
    }),
  );
  slow!.socket.resume();
  for (const { first, count } of unread) checkReply(await answerTo(slow!), first, count);
  for (const client of [slow!, ...fast]) client.close();
  await running.stop();
  await engine.close();
});
