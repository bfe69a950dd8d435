import { statementError, type WriteError, writeErrorOf } from '../database/index.ts';

/** Statements of an unordered batch that may share a flush. */
const statementsInFlight = 64;

export interface StatementResults<Outcome> {
  /** By statement; undefined where it failed or was not reached. */
  readonly outcomes: readonly (Outcome | undefined)[];
  readonly writeErrors: readonly WriteError[];
}

/**
 * Runs the statements of a batch. Ordered: one after the other, up to the first error. Unordered: in
 * groups, whose bodies run in order but share a flush. Throws what ends the whole command.
 */
export async function runStatements<Outcome>(
  count: number,
  ordered: boolean,
  run: (index: number) => Promise<Outcome>,
): Promise<StatementResults<Outcome>> {
  const outcomes: (Outcome | undefined)[] = [];
  const writeErrors: WriteError[] = [];
  const groupSize = ordered ? 1 : statementsInFlight;
  for (let first = 0; first < count; first += groupSize) {
    const group = Array.from({ length: Math.min(groupSize, count - first) }, async (_, at) =>
      run(first + at),
    );
    for (const [at, settled] of (await Promise.allSettled(group)).entries()) {
      if (settled.status === 'fulfilled') outcomes[first + at] = settled.value;
      else writeErrors.push(writeErrorOf(first + at, statementError(settled.reason)));
    }
    if (ordered && writeErrors.length > 0) break;
  }
  return { outcomes, writeErrors };
}
