import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runKillLoop } from '../../scripts/chaos/kill-loop.ts';
import { anyFreePorts } from '../../src/cluster/free-ports.ts';

/** The long form: `npm run chaos -- --kill-loop --rounds 50`. */
const rounds = Number(process.env.ARKSET_KILL_ROUNDS ?? 5);

describe('a member that is killed under load', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'arkset-kill-loop-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('loses no acknowledged write, and its documents and indexes are what its oplog says', async () => {
    const [port = 0] = await anyFreePorts(1);

    const report = await runKillLoop({ folder, port, rounds });

    expect(report.acknowledged).toBeGreaterThan(rounds * 10);
    expect(report).toMatchObject({ lost: [], differences: [] });
  }, 300_000);
});
