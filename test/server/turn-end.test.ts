import { expect, test } from 'vitest';
import { TurnEnd } from '../../src/server/turn-end.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test('what is put off runs once, in order, when the turn ends', async () => {
  const turnEnd = new TurnEnd();
  const ran: string[] = [];
  for (const name of ['a', 'b']) turnEnd.add({ runAtTurnEnd: () => ran.push(name) });
  await Promise.resolve();
  expect(ran).toEqual([]);
  await nextTurn();
  expect(ran).toEqual(['a', 'b']);
  await nextTurn();
  expect(ran).toEqual(['a', 'b']);
});

test('what is put off while the others run waits for the next end', async () => {
  const turnEnd = new TurnEnd();
  const ran: string[] = [];
  const again = { runAtTurnEnd: () => ran.push('again') };
  turnEnd.add({
    runAtTurnEnd() {
      ran.push('first');
      turnEnd.add(again);
    },
  });
  await nextTurn();
  await nextTurn();
  expect(ran).toEqual(['first', 'again']);
});

test('in a turn in which very many speak the first do not wait for the last', async () => {
  const turnEnd = new TurnEnd();
  const ran: number[] = [];
  for (let i = 0; i < 33; i++) turnEnd.add({ runAtTurnEnd: () => ran.push(i) });
  expect(ran).toHaveLength(32);
  await nextTurn();
  expect(ran).toHaveLength(33);
});
