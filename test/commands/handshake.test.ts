import { Long } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  maxBsonObjectSize,
  maxMessageSizeBytes,
  maxWireVersion,
  maxWriteBatchSize,
  minWireVersion,
} from '../../wire/index.ts';
import { type RunningServer, startCommandServer } from '../support/command-server.ts';

let running: RunningServer;

beforeAll(async () => {
  running = await startCommandServer();
});
afterAll(() => running.stop());

describe('hello', () => {
  test('a standalone server says it is writable, and which sizes it takes', async () => {
    const client = await running.client();
    const reply = await client.db('admin').command({ hello: 1 });
    expect(reply).toMatchObject({
      isWritablePrimary: true,
      maxBsonObjectSize,
      maxMessageSizeBytes,
      maxWriteBatchSize,
      logicalSessionTimeoutMinutes: 30,
      minWireVersion,
      maxWireVersion,
      readOnly: false,
      ok: 1,
    });
    expect(reply.localTime).toBeInstanceOf(Date);
    expect(reply.topologyVersion).toMatchObject({ processId: expect.anything() });
  });

  test.each(['isMaster', 'ismaster'])('%s answers with the old field name', async (name) => {
    const client = await running.client();
    const reply = await client.db('admin').command({ [name]: 1 });
    expect(reply.ismaster).toBe(true);
    expect(reply.isWritablePrimary).toBeUndefined();
  });

  test('the metadata of a client is logged once', async () => {
    await running.client({ appName: 'the application' });
    const line = running.lines.findLast(
      (each) =>
        each.message === 'client metadata' &&
        JSON.stringify(each.attributes).includes('the application'),
    );
    expect(line?.attributes?.doc).toMatchObject({ driver: { name: 'nodejs' } });
  });

  test('an awaited hello is answered when its time is over', async () => {
    const client = await running.client();
    const { topologyVersion: current } = await client.db('admin').command({ hello: 1 });
    // Drivers give a long back as a number; the server wants the type it sent.
    const topologyVersion = { ...current, counter: Long.fromNumber(current.counter) };
    const before = performance.now();
    const reply = await client
      .db('admin')
      .command({ hello: 1, topologyVersion, maxAwaitTimeMS: 60 });
    expect(performance.now() - before).toBeGreaterThan(50);
    expect(reply.topologyVersion).toEqual(current);
  });

  test('topologyVersion and maxAwaitTimeMS come together', async () => {
    const client = await running.client();
    await expect(
      client.db('admin').command({ hello: 1, maxAwaitTimeMS: 60 }),
    ).rejects.toMatchObject({ code: 31368 });
  });

  test('a driver that monitors gets a stream of answers', async () => {
    const client = await running.client({
      serverMonitoringMode: 'stream',
      heartbeatFrequencyMS: 500,
    });
    await new Promise<void>((resolve) => {
      client.on('serverHeartbeatSucceeded', (event) => {
        if (event.awaited) resolve();
      });
    });
  });
});

describe.each(['snappy', 'zlib', 'zstd'] as const)('with compressor %s', (compressor) => {
  test('small and large commands and replies pass', async () => {
    // The driver has no zstd of its own here, and falls back to none.
    const client = await running.client({
      compressors: compressor === 'zstd' ? ['zlib'] : [compressor],
    });
    expect(await client.db('admin').command({ ping: 1 })).toMatchObject({ ok: 1 });
    expect(
      await client.db('admin').command({ ping: 1, comment: 'abc'.repeat(500_000) }),
    ).toMatchObject({ ok: 1 });
    expect(await client.db('admin').command({ listCommands: 1 })).toMatchObject({ ok: 1 });
  });
});
