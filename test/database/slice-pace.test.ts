import { expect, test } from 'vitest';
import { SlicePace } from '../../src/database/indexes/slice-pace.ts';

/** The number of records after slices in which each record took so long. */
function paceAfter(slices: number, msPerRecord: number): number {
  const pace = new SlicePace();
  for (let slice = 0; slice < slices; slice++) pace.learn(pace.records * msPerRecord);
  return pace.records;
}

test('a slice takes more records as long as slices are short, up to a bound', () => {
  expect(paceAfter(1, 0.001)).toBe(64);
  expect(paceAfter(10, 0.001)).toBe(250);
});

test('a slice of records with many keys is cut to five milliseconds at once', () => {
  expect(paceAfter(1, 0.5)).toBe(10);
  expect(paceAfter(10, 0.5)).toBe(10);
});

test('some records are taken however long they take', () => {
  expect(paceAfter(5, 1000)).toBe(4);
});

test('a machine that stands still for once is forgotten', () => {
  const pace = new SlicePace();
  pace.learn(10_000);
  for (let slice = 0; slice < 10; slice++) pace.learn(pace.records * 0.01);
  expect(pace.records).toBe(250);
});
