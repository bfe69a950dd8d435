/**
 * Is there an order of these operations on one register, each at some moment between its call and its
 * return, in which every answer is right? Wing and Gong's search, remembering (done operations, value)
 * pairs it has tried, as Lowe does.
 *
 * An operation without a known end may take effect at any moment after its call, or never.
 */
export type RegisterOperation = {
  readonly calledAt: number;
  /** Infinity when nobody knows how it ended. */
  readonly returnedAt: number;
} & (
  | { readonly kind: 'write'; readonly value: string }
  /** Sets `value` if the register holds `expected`; `wasSet` undefined: unknown. */
  | {
      readonly kind: 'compareAndSet';
      readonly expected: string | undefined;
      readonly value: string;
      readonly wasSet: boolean | undefined;
    }
  | { readonly kind: 'read'; readonly value: string | undefined }
);

/** The value afterwards, or `impossible`. */
const impossible = Symbol('impossible');

/** False when there is no such order. The register is empty (undefined) at first. */
export function isLinearizable(history: readonly RegisterOperation[]): boolean {
  const operations = [...history].sort((a, b) => a.calledAt - b.calledAt);
  const open = operations.map(() => true);
  const tried = new Set<string>();
  let unfinished = operations.filter(
    ({ returnedAt }) => returnedAt !== Number.POSITIVE_INFINITY,
  ).length;

  const search = (value: string | undefined): boolean => {
    if (unfinished === 0) return true;
    const state = `${value}|${open.map((is) => (is ? 1 : 0)).join('')}`;
    if (tried.has(state)) return false;
    tried.add(state);
    const firstReturn = operations.reduce(
      (first, operation, index) => (open[index] ? Math.min(first, operation.returnedAt) : first),
      Number.POSITIVE_INFINITY,
    );
    for (const [index, operation] of operations.entries()) {
      // Whoever was called after another has returned comes after it.
      if (operation.calledAt > firstReturn) break;
      if (!open[index]) continue;
      const after = applied(operation, value);
      if (after === impossible) continue;
      const isFinished = operation.returnedAt !== Number.POSITIVE_INFINITY;
      open[index] = false;
      if (isFinished) unfinished--;
      if (search(after)) return true;
      if (isFinished) unfinished++;
      open[index] = true;
    }
    return false;
  };
  return search(undefined);
}

function applied(
  operation: RegisterOperation,
  value: string | undefined,
): string | undefined | typeof impossible {
  switch (operation.kind) {
    case 'write':
      return operation.value;
    case 'read':
      return operation.value === value ? value : impossible;
    case 'compareAndSet': {
      const isEqual = operation.expected === value;
      if (operation.wasSet !== undefined && operation.wasSet !== isEqual) return impossible;
      return isEqual ? operation.value : value;
    }
  }
}
