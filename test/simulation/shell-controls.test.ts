/** The checkers of the shell's simulation are not blind: each finds what it is for when a step is left out. */
import { describe, expect, it } from 'vitest';
import type { Setup } from './shell/setup.ts';
import { simulateShell } from './shell/simulate.ts';

/** Plain members, many clients, primaries cut off and killed: where lost steps show soon. */
const rough: Partial<Setup> = {
  members: 3,
  memberConfigs: {},
  settings: {},
  oplogBytesMax: undefined,
  clients: 6,
  thinkMs: 100,
  faultsMs: 12_000,
  faultEveryMs: 1500,
  faults: ['isolate', 'kill', 'split', 'oneWay'],
  network: { latencyMs: 0.2, jitterMs: 1, lossShare: 0, lateShare: 0, lateMs: 0 },
  disk: { flushMs: 4, slowShare: 0, slowFlushMs: 200 },
};
const seedsMax = 25;

async function firstFailures(changes: Partial<Setup>): Promise<readonly string[]> {
  for (let seed = 1; seed <= seedsMax; seed++) {
    const { failures } = await simulateShell(seed, { ...rough, ...changes });
    if (failures.length > 0) return failures;
  }
  return [];
}

const controls: readonly (readonly [string, Partial<Setup>, RegExp])[] = [
  ['writes of w: 1, believed in like those of a majority', { trustsW1: true }, /\(A1\)/],
  ['acknowledgements that wait for nobody', { breakage: 'hastyAcknowledgement' }, /\(A1\)|A7\)/],
  [
    'linearizable reads that nobody confirms',
    // A primary that was paused does not know yet that another leads: what it shows may be old, or not remain.
    { breakage: 'unconfirmedReads', faults: ['pause', 'isolate'], faultEveryMs: 800 },
    /\(A3|linearizable read .*\(A4\)/,
  ],
  ['majority reads of what is newest here', { breakage: 'uncommittedReads' }, /\(A4\)/],
  ['retried statements that run again', { breakage: 'forgottenStatements' }, /\(A11\)/],
  ['documents that a rollback does not save', { breakage: 'unsavedRollbacks' }, /\(A6\)/],
  [
    'positions acknowledged before they are durable (G3)',
    { rules: { testOnly: true, off: ['acknowledgeDurableOnly'] } },
    /\((I3|I9)\)/,
  ],
];

describe('the checkers of the shell', { timeout: 60_000 }, () => {
  it.each(controls)('see %s', async (_, changes, sign) => {
    expect((await firstFailures(changes)).join('\n')).toMatch(sign);
  });
});
