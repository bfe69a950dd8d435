import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { SpillFile } from '../../storage/index.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arkset-spill-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a spill file gives back what was appended, block by block or across blocks', () => {
  const file = new SpillFile(join(folder, 'made'));
  file.append(Buffer.from('abc'));
  file.append(Buffer.from('defgh'));

  expect(file.bytes).toBe(8);
  expect(file.read(0, 3).toString()).toBe('abc');
  expect(file.read(2, 4).toString()).toBe('cdef');
  expect(file.read(6, 100).toString()).toBe('gh');
  file.close();
});

test('its name is gone at the latest when it is closed, and it may be closed again', () => {
  const file = new SpillFile(folder);
  file.append(Buffer.alloc(100_000));
  file.close();
  file.close();

  expect(readdirSync(folder)).toEqual([]);
});
