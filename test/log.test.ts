import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Log, openLog } from '../src/log.ts';

let folder: string;
let log: Log;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'arkset-log-'));
  log = openLog({ path: join(folder, 'log') });
});

afterEach(() => rmSync(folder, { recursive: true }));

function onlyLine(): Record<string, unknown> {
  const text = readFileSync(join(folder, 'log'), 'utf8').trim();
  expect(log.recent('global')).toEqual([text]);
  return JSON.parse(text) as Record<string, unknown>;
}

describe('a line of the log', () => {
  it('tells the causes of an error', () => {
    const cause = new Error('no space left');

    log.error('STORAGE', 'it failed', { error: new Error('the commit failed', { cause }) });

    expect(onlyLine()).toMatchObject({
      s: 'E',
      attr: { error: { message: 'the commit failed', cause: { message: 'no space left' } } },
    });
  });

  // mongod's maxLogSizeKB. The last lines stay in memory, and the documents of clients may be in them.
  it('shows the first 10 KB of an attribute, and how long the whole is', () => {
    const document = { text: 'x'.repeat(100_000) };

    log.warning('STORAGE', 'large', { n: 1n, gone: undefined, document, text: document.text });

    expect(onlyLine()).toMatchObject({
      attr: {
        n: '1',
        document: JSON.stringify(document).slice(0, 10_240),
        text: 'x'.repeat(10_240),
      },
      truncated: {
        document: { type: 'object', size: 100_011 },
        text: { type: 'string', size: 100_000 },
      },
    });
  });
});
