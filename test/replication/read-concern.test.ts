import { describe, expect, it } from 'vitest';
import type { Gtid } from '../../src/ark/gtid.ts';
import { MajorityReads, type PinnedState } from '../../src/replication/read-concern.ts';
import { ManualTimers } from './support/manual-timers.ts';

class Pinned implements PinnedState {
  readonly lastGtid: Gtid;
  isClosed = false;

  constructor(lastGtid: Gtid) {
    this.lastGtid = lastGtid;
  }

  close(): void {
    this.isClosed = true;
  }

  expire(): void {
    this.isClosed = true;
  }
}

function gtid(opid: number, term = 1): Gtid {
  return { term, opid };
}

function setup(pinsMax = 8) {
  const clock = new ManualTimers();
  const store = { newest: gtid(1) };
  const pins: Pinned[] = [];
  const reads = new MajorityReads<Pinned>({
    clock,
    pinsMax,
    idlePinsMax: 2,
    loansMax: 3,
    idleAfterMs: 1000,
    idlePinAgeMaxMs: 5000,
    pinNewest: () => {
      const pin = new Pinned(store.newest);
      pins.push(pin);
      return pin;
    },
  });
  return { clock, store, pins, reads };
}

describe('majority reads', () => {
  it('take the oldest state away from readers who never come back', async () => {
    const { reads, store, pins } = setup();
    for (let opid = 1; opid <= 20; opid += 1) {
      store.newest = gtid(opid);
      reads.durable();
      reads.commitPointMoved(gtid(opid));
      await reads.read();
    }

    expect(pins.filter(({ isClosed }) => !isClosed).map(({ lastGtid }) => lastGtid.opid)).toEqual([
      17, 18, 19, 20,
    ]);
  });

  it('wait until the commit point covers the state they pinned', async () => {
    const { reads, store } = setup();
    let state: Gtid | undefined;
    const read = reads.read().then((lent) => {
      state = lent.state.lastGtid;
    });
    await Promise.resolve();
    expect(state).toBeUndefined();
    store.newest = gtid(2);
    reads.commitPointMoved(gtid(1));
    await read;
    expect(state).toEqual(gtid(1));
  });

  it('never see what is above the commit point', async () => {
    const { reads, store } = setup();
    reads.commitPointMoved(gtid(1));
    const first = await reads.read();
    expect(first.state.lastGtid).toEqual(gtid(1));
    store.newest = gtid(5);
    reads.durable();
    expect((await reads.read()).state.lastGtid).toEqual(gtid(1));
    reads.commitPointMoved(gtid(5));
    expect((await reads.read()).state.lastGtid).toEqual(gtid(5));
  });

  it('see everything that was committed when they began', async () => {
    const { reads, store } = setup();
    reads.commitPointMoved(gtid(1));
    await reads.read();
    store.newest = gtid(4);
    // The batch with (1,3) was never pinned by itself; the pin of (1,1) would be too old.
    reads.commitPointMoved(gtid(3));
    let seen: Gtid | undefined;
    const read = reads.read().then((lent) => {
      seen = lent.state.lastGtid;
    });
    await Promise.resolve();
    expect(seen).toBeUndefined();
    reads.commitPointMoved(gtid(4));
    await read;
    expect(seen).toEqual(gtid(4));
  });

  it('wait for the commit point to come to what the client has seen', async () => {
    const { reads, store } = setup();
    reads.commitPointMoved(gtid(1));
    await reads.read();
    store.newest = gtid(3);
    reads.durable();
    let seen: Gtid | undefined;
    const read = reads.read(undefined, gtid(3)).then((lent) => {
      seen = lent.state.lastGtid;
    });
    reads.commitPointMoved(gtid(2));
    await Promise.resolve();
    expect(seen).toBeUndefined();
    reads.commitPointMoved(gtid(3));
    await read;
    expect(seen).toEqual(gtid(3));
  });

  it('share pins, and close each when its last reader is done', async () => {
    const { reads, store, pins } = setup();
    reads.commitPointMoved(gtid(1));
    const first = await reads.read();
    const second = await reads.read();
    expect(second.state).toBe(first.state);
    store.newest = gtid(2);
    reads.durable();
    reads.commitPointMoved(gtid(2));
    expect((first.state as Pinned).isClosed).toBe(false);
    first.release();
    first.release();
    expect((first.state as Pinned).isClosed).toBe(false);
    second.release();
    expect((first.state as Pinned).isClosed).toBe(true);
    reads.close(new Error('stopped'));
    expect(pins.every((pin) => pin.isClosed)).toBe(true);
  });

  it('pin no more than the limit', async () => {
    const { reads, store } = setup(3);
    reads.commitPointMoved(gtid(1));
    await reads.read();
    for (let opid = 2; opid < 20; opid++) {
      store.newest = gtid(opid);
      reads.durable();
    }
    expect(reads.pinned).toBe(3);
  });

  it('find what was committed before anybody read, when the commit point stops moving', async () => {
    const { reads, store } = setup();
    for (let opid = 1; opid <= 10; opid++) {
      store.newest = gtid(opid);
      reads.durable();
      reads.commitPointMoved(gtid(Math.min(opid, 9)));
    }
    expect((await reads.read()).state.lastGtid).toEqual(gtid(9));
  });

  it('keep few states while nobody reads, and none for long', async () => {
    const { reads, store, clock } = setup();
    reads.commitPointMoved(gtid(1));
    (await reads.read()).release();
    clock.advance(1001);
    for (let opid = 2; opid < 10; opid++) {
      store.newest = gtid(opid);
      reads.durable();
    }
    expect(reads.pinned).toBe(2);
    clock.advance(5001);
    store.newest = gtid(10);
    reads.durable();
    expect(reads.tryRead()).toBeUndefined();
  });

  it('lose the pins a rollback takes back', async () => {
    const { reads, store, pins } = setup();
    reads.commitPointMoved(gtid(1));
    await reads.read();
    store.newest = gtid(2);
    reads.durable();
    reads.rolledBackTo(gtid(1));
    expect(reads.pinned).toBe(1);
    expect(pins.at(-1)?.isClosed).toBe(true);
  });

  it('pin nothing when a batch becomes durable after the end', async () => {
    const { reads, store, pins } = setup();
    reads.commitPointMoved(gtid(5));
    const behind = reads.read();
    const early = reads.read();
    reads.close(new Error('the end'));
    store.newest = gtid(2);
    reads.durable();

    await expect(behind).rejects.toThrow('the end');
    await expect(early).rejects.toThrow('the end');
    await expect(reads.read()).rejects.toThrow('the end');
    expect(pins.filter(({ isClosed }) => !isClosed)).toEqual([]);
  });

  it('end with the reason of their signal', async () => {
    const { reads } = setup();
    const abort = new AbortController();
    const read = reads.read(abort.signal);
    abort.abort(new Error('killed'));
    await expect(read).rejects.toThrow('killed');
  });
});
