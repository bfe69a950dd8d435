/** The promise of the product, seen from outside: processes, signals, the official driver. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fault, runCampaign } from '../../scripts/chaos/campaign.ts';
import { foldDifferences } from '../../scripts/chaos/fold.ts';
import { anyFreePorts } from '../../src/cluster/free-ports.ts';
import { storeFolder } from '../../src/cluster/member-store.ts';
import { ProcessCluster } from '../../src/cluster/process-cluster.ts';

describe('a replica set of three processes', () => {
  let folder: string;
  let cluster: ProcessCluster;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'arkset-failover-'));
    cluster = await ProcessCluster.start({ folder, ports: await anyFreePorts(3) });
  });
  afterAll(async () => {
    await cluster.stop();
    rmSync(folder, { recursive: true });
  });

  it('keeps every acknowledged write, once, while its primaries are killed, restarted and stopped', async () => {
    const faults: Fault[] = [
      'kill',
      'restart',
      'stop',
      'kill',
      'restart',
      'stop',
      'kill',
      'restart',
      'stop',
      'kill',
    ];

    const report = await runCampaign({ cluster, faults });

    expect(report.acknowledged).toBeGreaterThan(100);
    expect(report).toMatchObject({ lost: [], duplicated: [], retriedTwice: 0 });
    expect(new Set(report.hashes).size).toBe(1);
  }, 240_000);

  it('leaves on every member exactly what its oplog says', async () => {
    await cluster.stop();

    for (const member of cluster.hosts.keys()) {
      const store = join(cluster.dataPath(member), storeFolder);
      expect(await foldDifferences(store)).toEqual([]);
    }
  }, 60_000);
});
