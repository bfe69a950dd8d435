import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArkdProcess } from './support/arkd-process.ts';

let folder: string;
const processes: ArkdProcess[] = [];
const clients: MongoClient[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arkset-arkd-'));
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  for (const arkd of processes) arkd.kill('SIGKILL');
  await Promise.all(processes.splice(0).map(({ ended }) => ended));
  rmSync(folder, { recursive: true });
});

function start(...argv: string[]): ArkdProcess {
  const arkd = ArkdProcess.start(...argv);
  processes.push(arkd);
  return arkd;
}

async function connect(port: number): Promise<MongoClient> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, {
    serverSelectionTimeoutMS: 5000,
  });
  clients.push(client);
  return client.connect();
}

/** A set of one member in `folder`, taking writes. */
async function startPrimary(): Promise<{ arkd: ArkdProcess; client: MongoClient; port: number }> {
  const arkd = start('--port', '0', '--dbpath', folder, '--replSet', 'rs0');
  const port = await arkd.listening();
  const client = await connect(port);
  await client.db('admin').command({ replSetInitiate: {} });
  await arkd.logged('Transition to primary complete; database writes are now permitted');
  return { arkd, client, port };
}

async function listenSomewhere(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as { port: number }).port };
}

describe('a start that cannot be', () => {
  it('ends with 2 and one line for an option it does not know', async () => {
    const arkd = start('--bogus');

    expect(await arkd.ended).toBe(2);
    expect(arkd.errorText.split('\n')[0]).toBe(
      "Error parsing command line: unrecognised option '--bogus'",
    );
    expect(arkd.lines).toEqual([]);
  });

  it('ends with 2 for a server parameter it does not know', async () => {
    const arkd = start('--port', '0', '--dbpath', folder, '--setParameter', 'bogus=1');

    expect(await arkd.ended).toBe(2);
    expect(arkd.lines.join('\n')).toContain("Unknown --setParameter 'bogus'");
  });

  it('ends with 48 when the port is taken', async () => {
    const { server, port } = await listenSomewhere();
    const arkd = start('--port', String(port), '--dbpath', folder);

    expect(await arkd.ended).toBe(48);
    expect(arkd.lines.join('\n')).toContain('Address already in use');
    server.close();
  });

  it.each(['--logpath', '--pidfilepath'])(
    'ends with 1 and one line when the file of %s cannot be written',
    async (option) => {
      const arkd = start('--port', '0', '--dbpath', folder, option, join(folder, 'nowhere/file'));

      expect(await arkd.ended).toBe(1);
      expect(arkd.errorText).toMatch(/^FileNotOpen: Failed to .* ENOENT: .*\n$/);
    },
  );

  it('ends with 100 when the data folder is not there', async () => {
    const arkd = start('--port', '0', '--dbpath', join(folder, 'nowhere'));

    expect(await arkd.ended).toBe(100);
    expect((await arkd.lastLine()).attr?.error).toMatch(
      /^NonExistentPath: Data directory .* not found/,
    );
  });

  it('ends with 100 when another process has the data folder', async () => {
    await start('--port', '0', '--dbpath', folder).listening();
    const second = start('--port', '0', '--dbpath', folder);

    expect(await second.ended).toBe(100);
    expect(second.lines.join('\n')).toContain('DBPathInUse');
  });
});

describe('the end', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('comes with 0 on %s', async (signal) => {
    const arkd = start('--port', '0', '--dbpath', folder);
    await arkd.listening();

    arkd.kill(signal);

    expect(await arkd.ended).toBe(0);
  });

  it('comes in good order for a primary', async () => {
    const { arkd, client } = await startPrimary();
    await client.db('shop').collection('things').insertOne({ a: 1 });

    arkd.kill('SIGTERM');

    // By itself: one that does not end is killed.
    expect(await arkd.ended).toBe(0);
  });

  it('comes with the shutdown command, as mongodb-memory-server sends it', async () => {
    const { arkd, client } = await startPrimary();

    await client
      .db('admin')
      .command({ shutdown: 1, force: true, timeoutSecs: 1 })
      .catch(() => {});

    expect(await arkd.ended).toBe(0);
  });
});

describe('the log', () => {
  it("is one JSON object a line, with mongod's fields in their order", async () => {
    const { arkd } = await startPrimary();
    arkd.kill('SIGTERM');
    await arkd.ended;

    for (const text of arkd.lines) {
      const line = JSON.parse(text) as Record<string, unknown>;
      const order = ['t', 's', 'c', 'id', 'ctx', 'msg', 'attr'];
      expect(Object.keys(line)).toEqual(order.slice(0, Object.keys(line).length));
      expect(line).toMatchObject({
        t: { $date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/) },
        s: expect.stringMatching(/^[FEWI]$/),
        c: expect.stringMatching(/^[A-Z_]+$/),
        id: expect.any(Number),
        ctx: expect.any(String),
        msg: expect.any(String),
      });
    }
  });
});

describe('the version', () => {
  it("is said on a first line as mongod's", async () => {
    const arkd = start('--version');

    expect(await arkd.ended).toBe(0);
    expect(arkd.lines[0]).toMatch(/^db version v8\.\d+\.\d+$/);
  });
});

describe('a configuration file', () => {
  it('says what the command line would', async () => {
    const data = join(folder, 'data');
    mkdirSync(data);
    const file = join(folder, 'arkd.yaml');
    writeFileSync(
      file,
      `net:\n  port: 0\nstorage:\n  dbPath: ${data}\nreplication:\n  replSetName: rs7\n`,
    );

    const port = await start('--config', file).listening();

    const admin = (await connect(port)).db('admin');
    const { parsed } = await admin.command({ getCmdLineOpts: 1 });
    expect(parsed).toMatchObject({
      storage: { dbPath: data },
      replication: { replSetName: 'rs7' },
    });
    expect(await admin.command({ hello: 1 })).toMatchObject({ isreplicaset: true });
  });
});

describe('a server of its own', () => {
  it('answers reads and writes, and refuses the commands of a replica set', async () => {
    const client = await connect(await start('--port', '0', '--dbpath', folder).listening());
    const things = client.db('shop').collection<{ _id: number; n: number }>('things');
    await things.insertMany([1, 2, 3].map((_id) => ({ _id, n: _id * 10 })));
    await things.updateOne({ _id: 2 }, { $inc: { n: 1 } });
    await things.deleteOne({ _id: 3 });

    expect(await things.find().sort({ _id: -1 }).toArray()).toEqual([
      { _id: 2, n: 21 },
      { _id: 1, n: 10 },
    ]);
    const hello = await client.db('admin').command({ hello: 1 });
    expect(hello).toMatchObject({ isWritablePrimary: true });
    expect(hello).not.toHaveProperty('setName');
    for (const command of [
      { replSetGetStatus: 1 },
      { replSetGetConfig: 1 },
      { replSetInitiate: {} },
      { replSetReconfig: {} },
      { replSetStepDown: 1 },
      { replSetFreeze: 1 },
      { replSetMaintenance: 1 },
      { replSetSyncFrom: 'a:1' },
    ]) {
      await expect(client.db('admin').command(command)).rejects.toMatchObject({
        code: 76,
        codeName: 'NoReplicationEnabled',
        errmsg: 'not running with --replSet',
      });
    }
  });

  it('refuses the data of a replica set, which it would change behind the oplog', async () => {
    const { arkd } = await startPrimary();
    arkd.kill('SIGTERM');
    await arkd.ended;

    const alone = start('--port', '0', '--dbpath', folder);

    expect(await alone.ended).toBe(100);
    expect((await alone.lastLine()).attr?.error).toContain('--replSet rs0');
  });

  it('becomes a replica set with its data when it is started as one', async () => {
    const arkd = start('--port', '0', '--dbpath', folder);
    const before = await connect(await arkd.listening());
    await before.db('shop').collection<{ _id: number }>('things').insertOne({ _id: 1 });
    arkd.kill('SIGTERM');
    await arkd.ended;

    const { client } = await startPrimary();

    const things = client.db('shop').collection<{ _id: number }>('things');
    await things.insertOne({ _id: 2 });
    expect(await things.find().toArray()).toEqual([{ _id: 1 }, { _id: 2 }]);
  });
});

describe('a member', () => {
  it('refuses the data of a replica set of another name', async () => {
    const { arkd } = await startPrimary();
    arkd.kill('SIGTERM');
    await arkd.ended;

    const other = start('--port', '0', '--dbpath', folder, '--replSet', 'rs1');

    expect(await other.ended).toBe(100);
    expect((await other.lastLine()).attr?.error).toContain('--replSet rs0');
  });

  it('starts and initiates as mongodb-memory-server does it', async () => {
    const { server, port } = await listenSomewhere();
    await new Promise((done) => server.close(done));
    const arkd = start(
      ...['--port', String(port), '--dbpath', folder, '--replSet', 'testset'],
      ...['--storageEngine', 'wiredTiger', '--bind_ip', '127.0.0.1', '--noauth'],
    );
    const client = await connect(await arkd.listening());

    await client.db('admin').command({
      replSetInitiate: {
        _id: 'testset',
        members: [{ _id: 0, host: `127.0.0.1:${port}` }],
        writeConcernMajorityJournalDefault: true,
        settings: { electionTimeoutMillis: 5000 },
      },
    });

    await arkd.logged('Transition to primary complete; database writes are now permitted');
    const { config } = await client.db('admin').command({ replSetGetConfig: 1 });
    expect(config.settings.electionTimeoutMillis).toBe(5000);
  });
});
