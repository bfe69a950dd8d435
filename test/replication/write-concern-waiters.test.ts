import { describe, expect, it } from 'vitest';
import { compareGtids, type Gtid } from '../../src/ark/gtid.ts';
import { WriteConcernWaiters } from '../../src/replication/write-concern-waiters.ts';
import { ManualTimers } from './support/manual-timers.ts';

const majority = 'majority';
const two = 2;

function gtid(term: number, opid: number): Gtid {
  return { term, opid };
}

function setup() {
  const reached = new Map<string, Gtid>();
  const timers = new ManualTimers();
  const waiters = new WriteConcernWaiters(timers, (w) => reached.get(String(w)));
  const reach = (kind: string, position: Gtid) => {
    reached.set(kind, position);
    waiters.progress();
  };
  return { waiters, timers, reach };
}

describe('write concern waiters', () => {
  it('answer at once when the position is already satisfied', async () => {
    const { waiters, reach } = setup();
    reach('majority', gtid(3, 7));
    await expect(waiters.wait(gtid(3, 7), majority)).resolves.toBe('acknowledged');
    expect(waiters.size).toBe(0);
  });

  it('are released in GTID order, up to the position and no further', async () => {
    const { waiters, reach } = setup();
    const released: number[] = [];
    const waits = [3, 1, 2].map(async (opid) => {
      await waiters.wait(gtid(1, opid), majority);
      released.push(opid);
    });
    reach('majority', gtid(1, 2));
    await Promise.all([waits[1], waits[2]]);
    expect(released).toEqual([1, 2]);
    expect(waiters.size).toBe(1);
    reach('majority', gtid(1, 3));
    await waits[0];
  });

  it('keep concerns apart', async () => {
    const { waiters, reach } = setup();
    const byCount = waiters.wait(gtid(1, 1), two);
    const byMajority = waiters.wait(gtid(1, 1), majority);
    reach('2', gtid(1, 1));
    await expect(byCount).resolves.toBe('acknowledged');
    expect(waiters.size).toBe(1);
    reach('majority', gtid(1, 1));
    await expect(byMajority).resolves.toBe('acknowledged');
  });

  it('time out as a value, and are gone then', async () => {
    const { waiters, timers, reach } = setup();
    const wait = waiters.wait(gtid(1, 1), majority, { timeoutMs: 50 });
    timers.advance(50);
    await expect(wait).resolves.toBe('timedOut');
    expect(waiters.size).toBe(0);
    reach('majority', gtid(1, 1));
  });

  it('end with the reason of the signal', async () => {
    const { waiters } = setup();
    const abort = new AbortController();
    const wait = waiters.wait(gtid(1, 1), majority, { signal: abort.signal });
    abort.abort(new Error('killed'));
    await expect(wait).rejects.toThrow('killed');
    expect(waiters.size).toBe(0);
  });

  it('all fail together when the tenure ends, so no later term can answer them', async () => {
    const { waiters, reach } = setup();
    const waits = [waiters.wait(gtid(5, 1), majority), waiters.wait(gtid(5, 2), two)];
    waiters.failAll(new Error('stepped down'));
    for (const wait of waits) {
      await expect(wait).rejects.toThrow('stepped down');
    }
    reach('majority', gtid(7, 0));
    expect(compareGtids(gtid(5, 1), gtid(7, 0))).toBeLessThan(0);
  });
});
