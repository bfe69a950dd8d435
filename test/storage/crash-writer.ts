/**
 * The process that crash tests kill. Writes operations without end, 16 at a time, and prints the number
 * of each acknowledged one; `checkStore` says what must be there afterwards.
 */

import {
  adjustStat,
  appendEntry,
  deleteIndexKey,
  deleteRecord,
  type Engine,
  findUnique,
  getRecord,
  type IndexInfo,
  insertIndexKey,
  lastEntry,
  makeCollectionInfo,
  openLmdbEngine,
  putRecord,
  type Reader,
  readStat,
  scanIndex,
  scanOplog,
  scanRecords,
  truncateOplog,
  verifyChecksum,
} from '../../storage/index.ts';

const index = { keyPattern: [], isIdIndex: false, spec: Buffer.alloc(0), multikeyPaths: [] };
const unique: IndexInfo = { ...index, id: 2, name: 'u', unique: true, state: 'ready' };
const plain: IndexInfo = { ...index, id: 3, name: 'p', unique: false, state: 'ready' };
const info = makeCollectionInfo({
  id: 1,
  uuid: Buffer.alloc(16),
  namespace: 'db.c',
  options: Buffer.alloc(0),
  indexes: [unique, plain],
});

const oplogBytes = 200_000;

function gtid(n: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(n, 12);
  return bytes;
}

function keyString(n: number): Buffer {
  const bytes = Buffer.alloc(6, 0x30);
  bytes.writeUInt32BE(n, 1);
  return bytes;
}

function contentOf(n: number): Buffer {
  return Buffer.alloc(200 + ((n * 7919) % 1200), n % 251);
}

/** Operation n inserts record n; each tenth also deletes the record five before it. */
function isDeletedBy(n: number): number | undefined {
  return n % 10 === 9 ? n - 5 : undefined;
}

function operate(engine: Engine, n: number): Promise<void> {
  return engine.write((tx) => {
    const content = contentOf(n);
    putRecord(tx, info, n, content);
    insertIndexKey(tx, unique, keyString(n), Buffer.alloc(0), n);
    insertIndexKey(tx, plain, keyString(n % 50), Buffer.alloc(0), n);
    let [count, bytes] = [1, content.length];
    const doomed = isDeletedBy(n);
    if (doomed !== undefined) {
      bytes -= getRecord(tx, info, doomed)!.length;
      count -= 1;
      deleteRecord(tx, info, doomed);
      deleteIndexKey(tx, unique, keyString(doomed), doomed);
      deleteIndexKey(tx, plain, keyString(doomed % 50), doomed);
    }
    adjustStat(tx, info.id, count, bytes);
    appendEntry(tx, gtid(n), content);
    truncateOplog(tx, { maxBytes: oplogBytes, floor: gtid(n), maxDeletes: 2 });
  });
}

function assert(claim: boolean, what: string): void {
  if (!claim) throw new Error(`the store is damaged: ${what}`);
}

/** Returns the number of the last operation in the store; throws if anything is not as it must be. */
export function checkStore(reader: Reader): number {
  const newest = lastEntry(reader)?.gtid.readUInt32BE(12) ?? 0;
  const expected = new Set<number>();
  for (let n = 1; n <= newest; n += 1) {
    expected.add(n);
    const doomed = isDeletedBy(n);
    if (doomed !== undefined) expected.delete(doomed);
  }
  let [count, bytes] = [0, 0];
  const records = scanRecords(reader, info);
  while (records.next()) {
    const id = records.recordId;
    verifyChecksum(records.buffer, () => `record ${id}`);
    assert(records.buffer.subarray(records.start).equals(contentOf(id)), `record ${id} is another`);
    assert(expected.has(id), `record ${id} should not be there`);
    count += 1;
    bytes += records.buffer.length - records.start;
  }
  assert(count === expected.size, `${count} records, not ${expected.size}`);
  const stat = readStat(reader, info.id);
  assert(stat.count === count && stat.bytes === bytes, 'the statistics do not add up');
  for (const scanned of [unique, plain]) {
    const entries = scanIndex(reader, scanned);
    let found = 0;
    while (entries.next()) {
      found += 1;
      const n = entries.recordId;
      assert(expected.has(n), `${scanned.name} points to the missing record ${n}`);
      const at = entries.keyString.readUInt32BE(1);
      assert(at === (scanned.unique ? n : n % 50), `${scanned.name} has record ${n} elsewhere`);
    }
    assert(found === count, `${scanned.name} has ${found} entries, not ${count}`);
  }
  for (const n of expected) {
    assert(findUnique(reader, unique, keyString(n)) === n, `the unique index does not find ${n}`);
  }
  const oplog = scanOplog(reader, { reverse: true });
  let next = newest;
  while (oplog.next()) {
    assert(oplog.gtid.readUInt32BE(12) === next, `the oplog has no entry ${next}`);
    verifyChecksum(oplog.buffer, () => `oplog entry ${next}`);
    next -= 1;
  }
  return newest;
}

async function main(path: string): Promise<void> {
  const engine = await openLmdbEngine({ path });
  engine.onFailure = () => {
    process.stdout.write('failure\n', () => process.kill(process.pid, 'SIGKILL'));
  };
  process.on('unhandledRejection', () => process.stdout.write('unhandled\n'));
  let last = checkStore(engine.latest);
  const work = async (): Promise<void> => {
    for (;;) {
      last += 1;
      const n = last;
      await operate(engine, n);
      process.stdout.write(`${n}\n`);
    }
  };
  await Promise.allSettled(Array.from({ length: 16 }, work));
}

if (process.argv[2] === 'write') await main(process.argv[3]!);
