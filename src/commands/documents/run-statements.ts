import {
  NotItsTurn,
  type StatementPlace,
  StatementTurns,
  statementError,
  type WriteError,
  writeErrorOf,
} from '../../database/index.ts';

/** Statements of one batch whose bodies may be queued together and share a flush. */
const statementsInFlight = 128;

export interface StatementResults<Outcome> {
  /** By statement; undefined where it failed or was not reached. */
  readonly outcomes: readonly (Outcome | undefined)[];
  readonly writeErrors: readonly WriteError[];
}

export interface BatchOrder {
  readonly ordered: boolean;
  readonly inFlight?: number | undefined;
}

/**
 * Runs the statements of a batch in groups, whose bodies run in order and share flushes. Ordered: up
 * to the first error, each statement after those before it are finished; `run` gets its place in
 * the order, undefined when there is none. Throws what ends the whole command.
 */
export async function runStatements<Outcome>(
  count: number,
  { ordered, inFlight = statementsInFlight }: BatchOrder,
  run: (index: number, place: StatementPlace | undefined) => Promise<Outcome>,
): Promise<StatementResults<Outcome>> {
  const outcomes: (Outcome | undefined)[] = [];
  const writeErrors: WriteError[] = [];
  let next = 0;
  while (next < count) {
    const first = next;
    const turns = ordered ? new StatementTurns(first) : undefined;
    const group = Array.from({ length: Math.min(inFlight, count - first) }, async (_, at) =>
      run(first + at, turns?.place(first + at)),
    );
    for (const settled of await Promise.allSettled(group)) {
      if (settled.status === 'fulfilled') outcomes[next] = settled.value;
      else if (settled.reason instanceof NotItsTurn) break;
      else writeErrors.push(writeErrorOf(next, statementError(settled.reason)));
      next += 1;
      if (ordered && writeErrors.length > 0) return { outcomes, writeErrors };
    }
  }
  return { outcomes, writeErrors };
}
