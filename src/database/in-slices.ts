import { nextTurn, SliceClock } from '../plan/index.ts';
import type { OperationContext } from './operation-context.ts';

/** Repeats `step` until it answers false; throws when the operation is interrupted. */
export async function inSlices(operation: OperationContext, step: () => boolean): Promise<void> {
  for (;;) {
    operation.interrupt.check();
    const clock = new SliceClock();
    do {
      if (!step()) return;
    } while (!clock.isOver());
    await nextTurn();
  }
}
