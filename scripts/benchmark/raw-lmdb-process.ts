/**
 * What LMDB itself can do: the same four keys a durable insert writes (document, two index keys,
 * oplog entry), each in a child transaction, group-committed and flushed. A process of its own:
 * tsx raw-lmdb-process.ts FOLDER CONCURRENCY; works for as many milliseconds as its parent sends it,
 * answers with what it did, and ends when the parent lets go of it.
 */
import { randomBytes } from 'node:crypto';
import { open } from 'lmdb';
import type { Turn } from './contender.ts';

const [folder = '', concurrency = '1'] = process.argv.slice(2);
const binary = { encoding: 'binary', keyEncoding: 'binary' } as const;
const root = open({ path: folder, ...binary, pageSize: 4096, maxDbs: 16, overlappingSync: false });
const documents = root.openDB({ name: 'doc', ...binary });
const index = root.openDB({ name: 'index', ...binary });
const oplog = root.openDB({ name: 'oplog', ...binary });

const document = randomBytes(1024);
let next = 0;

async function insert(): Promise<void> {
  const id = next++;
  const key = Buffer.alloc(12);
  key.writeUInt32BE(1);
  key.writeUInt32BE(id, 8);
  const indexKey = Buffer.concat([Buffer.from([0, 0, 0, 1]), randomBytes(12), key.subarray(4)]);
  const uniqueKey = Buffer.concat([Buffer.from([0, 0, 0, 2]), randomBytes(12)]);
  const gtid = Buffer.alloc(16);
  gtid.writeUInt32BE(id, 12);
  await root.childTransaction(() => {
    if (index.doesExist(uniqueKey)) throw new Error('taken');
    documents.put(key, document);
    index.put(indexKey, Buffer.of(0));
    index.put(uniqueKey, key.subarray(4));
    // The types know the options only for putSync.
    oplog.put(gtid, document, { append: true } as unknown as number);
  });
}

async function turn(milliseconds: number): Promise<Turn> {
  const latenciesMs: number[] = [];
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const end = started + milliseconds;
  await Promise.all(
    Array.from({ length: Number(concurrency) }, async () => {
      while (performance.now() < end) {
        const asked = performance.now();
        await insert();
        latenciesMs.push(performance.now() - asked);
      }
    }),
  );
  const elapsedMs = performance.now() - started;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { latenciesMs, elapsedMs, primaryCpu: user + system, setCpu: user + system };
}

process.on('message', async (milliseconds: number) => process.send?.(await turn(milliseconds)));
process.on('disconnect', () => root.close());
