import { describe, expect, it } from 'vitest';
import { createMember, type PoliciesForTests } from '../../src/ark/index.ts';

describe('policies', () => {
  it('can be chosen in tests only', () => {
    const options = {
      host: 'a:1',
      incarnation: 'i',
      processId: 'p',
      now: 0,
      needsInitialSync: false,
    };
    const policies = { tieSleep: 'everybody' } as unknown as PoliciesForTests;

    expect(() => createMember({ ...options, policies })).toThrow('in tests only');
  });
});
