/** Everything docs/compatibility.md says is asked of a running member. */
import { describe, expect, test } from 'vitest';
import type { FeatureRow } from '../../scripts/compatibility/feature-row.ts';
import { featureTables } from '../../scripts/compatibility/feature-tables.ts';
import { missingCommands } from '../../scripts/compatibility/missing-commands.ts';
import {
  parsedFieldOperators,
  parsedTopLevelOperators,
  parsedUpdateOperators,
} from '../../scripts/compatibility/parsed-operators.ts';
import { filterRows } from '../../scripts/compatibility/rows/query-rows.ts';
import { updateRows } from '../../scripts/compatibility/rows/update-rows.ts';
import { missingStages } from '../../src/aggregation/stages/index.ts';
import { searchStages } from '../../src/aggregation/stages/search.ts';
import { searchIndexCommands } from '../../src/commands/collections/search-indexes.ts';
import { userManagement } from '../../src/commands/users/user-management.ts';
import { OptionError, parseCommandLine } from '../../src/options/index.ts';
import { optionTable } from '../../src/options/option-table.ts';
import { startProbes } from './probe-bed.ts';

const run = await startProbes();

function answerOf({ no, remark }: FeatureRow): string {
  const word = no === undefined ? 'yes' : 'no';
  return [word, no ?? remark].filter((text) => text !== undefined).join(': ');
}

describe.each(featureTables.map((table) => [table.title, table.rows] as const))(
  '%s',
  (title, rows) => {
    const prefix = title.toLowerCase().replace(/\W+/g, '-').slice(0, 20);
    test.each(rows.map((row, at) => [row.feature, answerOf(row), row, at] as const))(
      '%s: %s',
      async (_feature, _answer, { probe }, at) => {
        if (typeof probe !== 'function') {
          expect(probe.some(([, answer]) => answer !== undefined)).toBe(true);
        }
        await run(probe, `${prefix}-${at}`);
      },
    );
  },
);

test.each([
  [filterRows, [...parsedFieldOperators, ...parsedTopLevelOperators]],
  [updateRows, parsedUpdateOperators],
] as const)(
  'every operator that parsers read by themselves is in a probe',
  ({ rows }, operators) => {
    const probes = JSON.stringify(rows.map(({ probe }) => probe));
    expect(operators.filter((name) => !probes.includes(`"${name}":`))).toEqual([]);
  },
);

describe('an option of arkd', () => {
  test.each(optionTable.filter(({ refused }) => refused !== undefined))(
    '$name is refused: $refused',
    ({ name, type }) => {
      const argv = type === 'flag' ? [`--${name}`] : [`--${name}`, 'x'];
      expect(() => parseCommandLine(argv)).toThrow(OptionError);
    },
  );
  test.each(optionTable.filter(({ noEffect }) => noEffect !== undefined))(
    '$name is warned about: $noEffect',
    ({ name, type, noEffect }) => {
      const argv = type === 'flag' ? [`--${name}`] : [`--${name}`, '1'];
      const parsed = parseCommandLine(argv);
      const warnings = parsed.kind === 'run' ? parsed.options.warnings : [];
      expect(warnings).toEqual([expect.stringContaining(noEffect ?? '')]);
    },
  );
  test('that is not known is refused', () => {
    expect(() => parseCommandLine(['--ipv6'])).toThrow(OptionError);
  });
});

test('every missing command is unknown', async () => {
  const names = Object.values(missingCommands).flat();
  await run(
    names.map((name) => [{ [name]: 1, $db: 'admin' }, 59]),
    'missing',
  );
});

test('every command on users is refused', async () => {
  await run(
    userManagement.map(({ name }) => [{ [name]: 1, $db: 'admin' }, 238]),
    'users',
  );
});

test('every command of the search engine is refused', async () => {
  await run(
    searchIndexCommands.map(({ name }) => [{ [name]: 'c' }, 31082]),
    'search',
  );
});

function stage(name: string): Record<string, unknown> {
  return { aggregate: 'c', pipeline: [{ [name]: {} }], cursor: {} };
}

test('every missing stage is refused', async () => {
  await run(
    [...missingStages].map((name) => [stage(name), 238]),
    'stages',
  );
});

test('every stage of the search engine is refused', async () => {
  await run(
    searchStages.map(({ name }) => [stage(name), 31082]),
    'search',
  );
});
