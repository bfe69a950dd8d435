import { describe, expect, it } from 'vitest';
import { isLinearizable } from './shell/checks/linearizability.ts';

const unknown = Number.POSITIVE_INFINITY;

describe('the search for an order of operations on a register', () => {
  it('finds one when reads overlap the write they see', () => {
    const history = [
      { kind: 'write', value: 'a', calledAt: 0, returnedAt: 5 },
      { kind: 'read', value: undefined, calledAt: 1, returnedAt: 2 },
      { kind: 'read', value: 'a', calledAt: 3, returnedAt: 4 },
    ] as const;

    expect(isLinearizable(history)).toBe(true);
  });

  it('finds none when a read sees what another has overwritten before', () => {
    const history = [
      { kind: 'write', value: 'a', calledAt: 0, returnedAt: 1 },
      { kind: 'write', value: 'b', calledAt: 2, returnedAt: 3 },
      { kind: 'read', value: 'a', calledAt: 4, returnedAt: 5 },
    ] as const;

    expect(isLinearizable(history)).toBe(false);
  });

  it('finds none when two reads see two writes in different orders', () => {
    const history = [
      { kind: 'write', value: 'a', calledAt: 0, returnedAt: 10 },
      { kind: 'write', value: 'b', calledAt: 0, returnedAt: 10 },
      { kind: 'read', value: 'a', calledAt: 1, returnedAt: 2 },
      { kind: 'read', value: 'b', calledAt: 3, returnedAt: 4 },
      { kind: 'read', value: 'a', calledAt: 5, returnedAt: 6 },
    ] as const;

    expect(isLinearizable(history)).toBe(false);
  });

  it('lets what nobody has heard the end of happen late or never', () => {
    const lost = { kind: 'write', value: 'a', calledAt: 0, returnedAt: unknown } as const;
    const empty = { kind: 'read', value: undefined, calledAt: 5, returnedAt: 6 } as const;
    const seen = { kind: 'read', value: 'a', calledAt: 7, returnedAt: 8 } as const;
    const emptyAgain = { kind: 'read', value: undefined, calledAt: 9, returnedAt: 10 } as const;

    expect(isLinearizable([lost, empty])).toBe(true);
    expect(isLinearizable([lost, empty, seen])).toBe(true);
    expect(isLinearizable([lost, empty, seen, emptyAgain])).toBe(false);
  });

  it('holds comparisons to what they found', () => {
    const write = { kind: 'write', value: 'a', calledAt: 0, returnedAt: 1 } as const;
    const set = {
      kind: 'compareAndSet',
      expected: 'a',
      value: 'b',
      calledAt: 2,
      returnedAt: 3,
    } as const;

    expect(isLinearizable([write, { ...set, wasSet: true }])).toBe(true);
    expect(isLinearizable([write, { ...set, wasSet: false }])).toBe(false);
    expect(isLinearizable([write, { ...set, expected: 'c', wasSet: true }])).toBe(false);
  });
});
