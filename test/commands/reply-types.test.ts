/** The BSON types of replies: clients that compare types see a double where MongoDB has one. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BsonType } from '../../src/bson/index.ts';
import { type RunningServer, startCommandServer } from '../support/command-server.ts';
import { commandMessage, RawClient } from '../support/raw-client.ts';

let running: RunningServer;

beforeAll(async () => {
  running = await startCommandServer();
});
afterAll(() => running.stop());

/** The BSON type byte of the top-level field `ok`. */
function typeOfOk(message: Buffer): number {
  return message[message.lastIndexOf('ok\0') - 1]!;
}

test('ok is a double in replies and in errors', async () => {
  const raw = await RawClient.connect(running.port);
  for (const [command, ok] of [
    ['ping', 1],
    ['nonsense', 0],
  ] as const) {
    raw.send(commandMessage({ [command]: 1, $db: 'admin' }));
    const answer = await raw.answer(5000);
    expect(answer).toMatchObject({ document: { ok } });
    expect(typeOfOk((answer as { message: Buffer }).message)).toBe(BsonType.double);
  }
  raw.close();
});
