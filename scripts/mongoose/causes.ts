/**
 * Why tests of mongoose fail: a table that is kept by hand. What it does not explain is a fault of
 * ours until somebody has looked at it.
 */

/** A test that failed, as mocha tells it. */
export interface FailedTest {
  readonly title: string;
  readonly message: string;
}

interface Cause {
  readonly name: string;
  /** `ours`: counts against us. `aside`: multi-document transactions. `theirs`: says nothing about this server. */
  readonly side: 'ours' | 'aside' | 'theirs';
  readonly title?: RegExp;
  readonly message?: RegExp;
}

const causes: readonly Cause[] = [
  {
    name: 'needs a server with client-side encryption, set up by a script of its own',
    side: 'theirs',
    title: /^encryption /,
  },
  { name: 'multi-document transactions', side: 'aside', title: /transaction/i },
  {
    name: 'multi-document transactions',
    side: 'aside',
    message: /Transactions are not implemented/,
  },
  { name: 'change streams', side: 'ours', message: /Stage \$changeStream is not implemented/ },
  { name: 'stages that are not built', side: 'ours', message: /Stage \$\w+ is not implemented/ },
];

const unexplained: Cause = { name: 'not explained', side: 'ours' };

export interface CauseCount {
  readonly name: string;
  readonly side: Cause['side'];
  readonly tests: readonly FailedTest[];
}

/** The failed tests by cause, the most frequent first. */
export function byCause(failed: readonly FailedTest[]): CauseCount[] {
  const counts = new Map<string, { side: Cause['side']; tests: FailedTest[] }>();
  for (const test of failed) {
    const { name, side } =
      causes.find(
        ({ title, message }) =>
          (title?.test(test.title) ?? true) && (message?.test(test.message) ?? true),
      ) ?? unexplained;
    const count = counts.get(name) ?? { side, tests: [] };
    count.tests.push(test);
    counts.set(name, count);
  }
  return [...counts]
    .map(([name, count]) => ({ name, ...count }))
    .sort((a, b) => b.tests.length - a.tests.length);
}
