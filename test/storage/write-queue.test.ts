import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { WriteQueue } from '../../storage/write-queue.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('what a batch was about is forgotten when it is durable, even if the store keeps its callback', async () => {
  const kept: (() => void)[] = [];
  const queue = new WriteQueue({
    commit: async (drain) => {
      kept.push(drain);
      drain();
    },
    runBody: (body) => body(undefined as never),
    onFailure: (error) => {
      throw error;
    },
  });
  const outcomes: WeakRef<object>[] = [];
  for (let i = 0; i < 3; i++) {
    await queue.write(
      () => {
        const outcome = { entry: Buffer.alloc(100) };
        outcomes.push(new WeakRef(outcome));
        return outcome;
      },
      undefined,
      true,
    );
  }
  await nextTurn();
  collectGarbage();
  await nextTurn();
  expect(kept).toHaveLength(3);
  expect(outcomes.map((outcome) => outcome.deref())).toEqual([undefined, undefined, undefined]);
});
