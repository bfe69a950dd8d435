/**
 * Every field a command takes is tried on a running member, and none is taken without a row that says
 * what it does: no option is accepted and ignored.
 */
import { afterAll, describe, expect, test, vi } from 'vitest';
import { commandOptions } from '../../scripts/compatibility/options/command-options.ts';
import { encodeDocument } from '../../src/bson/index.ts';
import { CommandBody, commandTable } from '../../src/commands/index.ts';
import { MongoServerError } from '../../src/errors/index.ts';
import { startProbes } from './probe-bed.ts';

const run = await startProbes();

/** What each command has said it knows, while the probes ran. */
const known = new Map<string, ReadonlySet<string>>();
const { rejectUnknown } = CommandBody.prototype;
const spy = vi.spyOn(CommandBody.prototype, 'rejectUnknown').mockImplementation(function (
  this: CommandBody,
  fields,
) {
  const name = commandTable.get(this.name)?.name ?? this.name;
  known.set(name, new Set(fields));
  rejectUnknown.call(this, fields);
});
afterAll(() => spy.mockRestore());

describe.each(commandOptions.map(({ command, options }) => [command, options] as const))(
  '%s',
  (command, options) => {
    test.each(Object.entries(options).map(([name, row]) => [name, row.kind, row] as const))(
      '%s: %s',
      async (name, _kind, { probe }) => {
        if (typeof probe !== 'function') {
          expect(probe.some(([, answer]) => answer !== undefined)).toBe(true);
        }
        await run(probe, `o-${command}-${name.replace(/\W+/g, '-')}`.slice(0, 60));
      },
    );
  },
);

test('every field that a command takes is in its rows', () => {
  const commands = new Set(commandTable.values());
  for (const { name, parse } of commands) {
    try {
      parse(new CommandBody(encodeDocument({ [name]: 'c', $db: 'admin' }), 0));
    } catch (error) {
      if (!(error instanceof MongoServerError)) throw error;
    }
  }
  expect(known.size).toBeGreaterThan(50);
  for (const { name, access } of commands) {
    if (access === 'internal') continue;
    const options = commandOptions.find(({ command }) => command === name)?.options ?? {};
    const rows = new Set(Object.keys(options).flatMap((row) => row.split(/[.:]|, /)));
    const unproven = [...(known.get(name) ?? [])].filter((field) => !rows.has(field));
    expect(unproven, name).toEqual([]);
  }
});
