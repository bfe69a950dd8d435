import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize } from 'bson';
import { afterEach, describe, expect, it } from 'vitest';
import { compareGtids, type Gtid } from '../../src/ark/index.ts';
import { makeEntry } from '../../src/database/index.ts';
import { findCommonPoint } from '../../src/replication/rollback.ts';
import type { PeerLink } from '../../src/replication/transport.ts';
import { openMemoryEngine } from '../../storage/index.ts';
import { MemberCluster, storeContents, until } from './support/member-cluster.ts';

let cluster: MemberCluster | undefined;
let folder: string | undefined;

afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
  if (folder !== undefined) {
    rmSync(folder, { recursive: true });
    folder = undefined;
  }
});

function documentsBelow(directory: string): Record<string, unknown>[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.bson'))
    .flatMap((name) => {
      const bytes = readFileSync(join(directory, name));
      const documents = [];
      for (let at = 0; at < bytes.length; at += bytes.readInt32LE(at)) {
        documents.push(deserialize(bytes.subarray(at, at + bytes.readInt32LE(at))));
      }
      return documents;
    });
}

/** A source that sends these batches, newest entry first, and then ends the stream. */
function sourceOf(
  batches: readonly Buffer[][],
  oldest: Gtid,
  position: Gtid = { term: 9, opid: 0 },
): PeerLink {
  return {
    async *pull() {
      for (const entries of batches) {
        const facts = { position, oldest, commitPoint: oldest, term: 9, rollbackId: 1 };
        yield { ...facts, syncSource: undefined, entries };
      }
    },
  } as Partial<PeerLink> as PeerLink;
}

function entryOf(term: number, opid: number): Buffer {
  const ts = { t: term, i: opid };
  const note = { op: 'n', ns: '', o: Buffer.from([5, 0, 0, 0, 0]) } as const;
  return makeEntry({ gtid: { term, opid }, ts, wall: 0, previousHash: 0n }, [note], undefined);
}

describe('the common point of two logs', () => {
  const newest: Gtid = { term: 3, opid: 7 };
  const walk = (link: PeerLink) =>
    findCommonPoint(
      { engine: openMemoryEngine(), link, setName: 'rs0', memberId: 1, from: newest },
      new AbortController().signal,
    );

  it('is not missing because the source stopped in the middle of its log', async () => {
    const link = sourceOf([[entryOf(3, 2), entryOf(3, 1)]], { term: 1, opid: 0 });

    await expect(walk(link)).rejects.toThrow('ended the stream');
    await expect(walk(sourceOf([], { term: 1, opid: 0 }))).rejects.toThrow('ended the stream');
  });

  it('is not looked for in a log that has lost what made it better than ours', async () => {
    const { term, opid } = newest;
    const oldest = { term: 3, opid: 2 };
    const lost = sourceOf([[entryOf(3, 2)]], oldest, { term, opid: opid - 1 });

    await expect(walk(lost)).rejects.toThrow('no longer ahead');
  });

  it('is missing when the whole log of the source has been seen without it', async () => {
    const link = sourceOf([[entryOf(3, 2)], [entryOf(3, 1)]], { term: 3, opid: 1 });

    await expect(walk(link)).resolves.toEqual({
      commonPoint: undefined,
      oldest: { term: 3, opid: 1 },
    });
  });
});

describe('rollback', () => {
  it('takes back what no majority had, keeps the documents in files, and rejoins', async () => {
    folder = mkdtempSync(join(tmpdir(), 'arkset-rollback-'));
    cluster = await MemberCluster.start(3, { rollbackFolder: folder });
    const old = await cluster.primary();
    await old.majority(await old.insert({ _id: 'kept' }));
    await cluster.converged();
    const others = cluster.others(old);
    cluster.faults.isolate(
      old.host,
      others.map(({ host }) => host),
    );
    let lost: Gtid | undefined;
    // On a busy machine it may notice its isolation before it is through.
    let count = 0;
    for (; count < 100; count++) {
      const gtid = await old.insert({ _id: `lost ${count}` }).catch(() => undefined);
      if (gtid === undefined) {
        break;
      }
      lost = gtid;
    }
    const next = await cluster.primary(others);
    await next.majority(await next.insert({ _id: 'new' }));
    const before = old.replicaSet.rollbackId;
    const reads = await old.replicaSet.majorityReader();
    expect(compareGtids(reads.lastGtid, lost as Gtid)).toBeLessThan(0);
    reads.release();
    cluster.faults.heal();
    await cluster.converged();
    expect(old.replicaSet.rollbackId).toBe(before + 1);
    const contents = cluster.members.map(storeContents);
    expect(contents[1]).toEqual(contents[0]);
    expect(contents[2]).toEqual(contents[0]);
    const saved = documentsBelow(folder).map(({ _id }) => _id);
    expect(saved).toHaveLength(count);
    expect(saved).toContain('lost 0');
    await until(() => old.lines.some((line) => line.includes('Rollback complete')));
  });

  it('is not made towards a member that is not ahead', async () => {
    cluster = await MemberCluster.start(3);
    const primary = await cluster.primary();
    await primary.majority(await primary.insert({ _id: 1 }));
    await cluster.converged();
    const before = cluster.members.map(({ replicaSet }) => replicaSet.rollbackId);
    cluster.faults.lose('pull');
    await primary.insert({ _id: 2 });
    cluster.faults.heal();
    await cluster.converged();
    expect(cluster.members.map(({ replicaSet }) => replicaSet.rollbackId)).toEqual(before);
  });
});
