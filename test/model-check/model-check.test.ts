import { describe, expect, it } from 'vitest';
import { boundsOf } from './bounds.ts';
import { search } from './search.ts';

describe('every state within the bounds', () => {
  it('keeps every promise: three members, two terms, one entry', () => {
    const report = search(boundsOf({ also: ['lateRequests'] }));
    expect(report.violation).toBeUndefined();
    expect(report.isComplete).toBe(true);
    expect(report.states).toBeGreaterThan(1_000);
  });

  it('loses a committed entry when voters do not compare logs, by a trace that can be read', () => {
    const report = search(boundsOf({ off: ['voterComparesLogs'] }));
    expect(report.violation).toBe('LeaderCompleteness');
    expect(report.trace.map((line) => line.split('  ')[0])).toMatchInlineSnapshot(`
      [
        "A stand for term 1",
        "B vote A in term 1",
        "C stand for term 2",
        "A count",
        "A noop",
        "B append A",
        "B vote C in term 2",
        "C count",
        "violates LeaderCompleteness",
      ]
    `);
  });
});
