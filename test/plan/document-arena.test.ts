import { expect, test } from 'vitest';
import { DocumentArena } from '../../src/plan/document-arena.ts';

/** Bytes no other document has. */
function documentOf(number: number): Buffer {
  return Buffer.alloc(100 + ((number * 997) % 9000), `document ${number}, `);
}

test('documents of an arena stay as they are while others are released and filled again', () => {
  const arenas: { arena: DocumentArena; check: () => void }[] = [];
  for (let round = 0; round < 200; round++) {
    const arena = new DocumentArena();
    const copies: { chunk: Buffer; start: number; bytes: Buffer }[] = [];
    for (let i = 0; i < (round * 13) % 60; i++) {
      const bytes = documentOf(round * 1000 + i);
      arena.copy(bytes, 0, bytes.length);
      copies.push({ chunk: arena.chunk, start: arena.start, bytes });
    }
    const check = (): void => {
      for (const { chunk, start, bytes } of copies) {
        expect(chunk.subarray(start, start + bytes.length).equals(bytes)).toBe(true);
      }
    };
    arenas.push({ arena, check });
    if (arenas.length < 5) continue;
    const [oldest] = arenas.splice((round * 7) % 5, 1);
    oldest!.check();
    oldest!.arena.release();
  }
  for (const { check } of arenas) check();
});

test('the memory of a released arena is the memory of the next', () => {
  const first = new DocumentArena();
  const { chunk } = first;
  first.release();
  expect(new DocumentArena().chunk).toBe(chunk);
});
