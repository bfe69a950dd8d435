/** The preamble of tests that talk to one server, in memory and in no set, through the driver. */
import type { Db, MongoClient, MongoClientOptions } from 'mongodb';
import { afterAll } from 'vitest';
import { type RunningServer, startMemoryServer } from './command-server.ts';

export interface Shop {
  readonly server: RunningServer;
  readonly client: MongoClient;
  /** The database `shop`, empty at first. */
  readonly db: Db;
}

/** To be awaited at the top of a test file; all ends with the file's last test. */
export async function startShop(options: MongoClientOptions = {}): Promise<Shop> {
  const server = await startMemoryServer();
  afterAll(() => server.stop());
  const client = await server.client(options);
  return { server, client, db: client.db('shop') };
}

/** The code and message of the error `work` ends with; `[0, '']` when it succeeds. */
export async function failureOf(work: Promise<unknown>): Promise<[number, string]> {
  return work.then(
    () => [0, ''],
    (error: { code: number; message: string }) => [error.code, error.message],
  );
}

/** The code and message a server answered `work` with, as one text; `accepted` when it succeeds. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'accepted',
    ({ code, errmsg }: { code: number; errmsg: string }) => `${code} ${errmsg}`,
  );
}
