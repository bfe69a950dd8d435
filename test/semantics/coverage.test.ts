/** Every operator of the tables is in the rows of some table of semantics. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { accumulators } from '../../src/aggregation/accumulators/index.ts';
import { stages } from '../../src/aggregation/stages/index.ts';
import { operators } from '../../src/expressions/operators/index.ts';
import { fieldOperators } from '../../src/query/operators/index.ts';
import { updateOperators } from '../../src/query/update/index.ts';

const tests = new URL('..', import.meta.url).pathname;
const rooms = /^(aggregation|commands|expressions|geo|query|semantics|text)\/.*\.test\.ts$/;

/** Lines that mention a name, in files that have tables; comments and names of tests do not count. */
const lines = readdirSync(tests, { encoding: 'utf8', recursive: true })
  .filter((file) => rooms.test(file) && !file.endsWith('coverage.test.ts'))
  .map((file) => readFileSync(`${tests}${file}`, 'utf8'))
  .filter((text) => text.includes('.each'))
  .flatMap((text) => text.split('\n'))
  .filter((line) => !/^\s*(\/\/|\*|\/\*\*|it\(|test\(|describe\()/.test(line));

function isMentioned(name: string): boolean {
  const literal = name.replace(/[$[\]]/g, '\\$&');
  const asName = new RegExp(`${literal}(?![A-Za-z])`);
  return lines.some((line) => asName.test(line));
}

const groups: Readonly<Record<string, Iterable<string>>> = {
  'query operator': [
    ...fieldOperators.keys(),
    '$and',
    '$or',
    '$nor',
    '$expr',
    '$jsonSchema',
    '$regex',
    '$options',
    '$comment',
    '$sampleRate',
    '$near',
    '$nearSphere',
  ],
  'update operator': [
    ...updateOperators.keys(),
    '$rename',
    '$each',
    '$position',
    '$slice',
    '$sort',
    '$[]',
    '$[e]',
  ],
  stage: stages.keys(),
  accumulator: accumulators.keys(),
  expression: operators.keys(),
};

describe.each(Object.entries(groups))('each %s has a row', (_, names) => {
  it('in a table', () => {
    expect([...names].filter((name) => !isMentioned(name))).toEqual([]);
  });
});
