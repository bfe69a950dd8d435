import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteTree } from '../../storage/byte-tree.ts';

const key = (n: number): Buffer => Buffer.from([n >> 8, n & 0xff]);

test('a byte tree agrees with a map under random changes, and forks do not see each other', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(600), fc.boolean()), { maxLength: 1500, minLength: 200 }),
      (changes) => {
        const tree = new ByteTree();
        const model = new Map<number, number>();
        let fork: { tree: ByteTree; keys: number[] } | undefined;
        changes.forEach(([n, isDelete], i) => {
          if (isDelete) expect(tree.delete(key(n))).toBe(model.delete(n));
          else {
            expect(tree.set(key(n), key(i))).toBe(!model.has(n));
            model.set(n, i);
          }
          if (i === changes.length >> 1) fork = { tree: tree.fork(), keys: [...model.keys()] };
        });
        const sorted = [...model.keys()].sort((a, b) => a - b);
        expect(tree.size).toBe(sorted.length);
        expect(keysOf(tree, false)).toEqual(sorted);
        expect(keysOf(tree, true)).toEqual(sorted.toReversed());
        if (fork !== undefined) {
          expect(keysOf(fork.tree, false)).toEqual(fork.keys.sort((a, b) => a - b));
        }
      },
    ),
    { numRuns: 30 },
  );
});

test('keys in order fill a tree of 100 000 entries in well under a second', () => {
  const tree = new ByteTree();
  const started = process.cpuUsage();
  for (let i = 0; i < 100_000; i += 1) {
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeUInt32BE(i, 0);
    tree.set(bytes, bytes);
  }
  expect(tree.size).toBe(100_000);
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(3000);
});

function keysOf(tree: ByteTree, reverse: boolean): number[] {
  const cursor = tree.cursor({ reverse });
  const keys: number[] = [];
  while (cursor.next()) keys.push(cursor.key.readUInt16BE(0));
  return keys;
}
