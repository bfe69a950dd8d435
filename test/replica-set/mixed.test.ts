import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runMixed } from '../../scripts/chaos/mixed.ts';

/** The long form: `npm run chaos -- --mixed --rounds 60 --members 5`. */
const seed = Number(process.env.ARKSET_CHAOS_SEED ?? Date.now() % 1_000_000);

describe('a set whose members are cut off, stopped and emptied while clients do everything', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'arkset-mixed-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('keeps what it acknowledged, and all members, their indexes and logs tell one story', async () => {
    const report = await runMixed({ seed, rounds: 5, members: 3, folder });

    expect(report, `seed ${seed}`).toMatchObject({ wrong: [] });
    expect(report.acknowledged).toBeGreaterThan(50);
  }, 120_000);
});
