import { describe, expect, it } from 'vitest';
import { OplogRing } from '../../src/replication/oplog-ring.ts';

const entry = (opid: number, length = 10) => ({
  gtid: { term: 1, opid },
  bytes: Buffer.alloc(length, opid),
});
const opids = (entries: readonly { gtid: { opid: number } }[] | undefined) =>
  entries?.map(({ gtid }) => gtid.opid);

describe('the oplog ring', () => {
  it('gives what follows a position, and the position itself when asked', () => {
    const ring = new OplogRing(1000);
    ring.push([entry(1), entry(2), entry(4)]);
    expect(opids(ring.read({ term: 1, opid: 1 }, false, 1000))).toEqual([2, 4]);
    expect(opids(ring.read({ term: 1, opid: 1 }, true, 1000))).toEqual([1, 2, 4]);
    expect(opids(ring.read({ term: 1, opid: 3 }, true, 1000))).toEqual([4]);
    expect(opids(ring.read({ term: 2, opid: 0 }, false, 1000))).toEqual([]);
  });

  it('says when it does not reach back that far', () => {
    const ring = new OplogRing(1000);
    expect(ring.read({ term: 1, opid: 0 }, false, 1000)).toBeUndefined();
    ring.push([entry(5)]);
    expect(ring.read({ term: 1, opid: 4 }, false, 1000)).toBeUndefined();
  });

  it('drops the oldest beyond its bytes but always keeps the newest', () => {
    const ring = new OplogRing(25);
    for (let opid = 1; opid <= 3000; opid++) {
      ring.push([entry(opid)]);
    }
    expect(opids(ring.read({ term: 1, opid: 2999 }, true, 1000))).toEqual([2999, 3000]);
    ring.push([entry(3001, 500)]);
    expect(opids(ring.read({ term: 1, opid: 3001 }, true, 1000))).toEqual([3001]);
  });

  it('bounds a batch but gives at least one entry', () => {
    const ring = new OplogRing(1000);
    ring.push([entry(1), entry(2, 100), entry(3)]);
    expect(opids(ring.read({ term: 1, opid: 1 }, false, 50))).toEqual([2]);
    expect(opids(ring.read({ term: 1, opid: 1 }, false, 110))).toEqual([2, 3]);
  });

  it('refuses entries out of order', () => {
    const ring = new OplogRing(1000);
    ring.push([entry(2)]);
    expect(() => ring.push([entry(2)])).toThrow('not newer');
  });

  it('wakes its listeners on every change until they leave', () => {
    const ring = new OplogRing(1000);
    let woken = 0;
    const leave = ring.onChange(() => {
      woken++;
    });
    ring.push([entry(1)]);
    ring.clear();
    leave();
    ring.push([entry(1)]);
    expect(woken).toBe(2);
  });
});
