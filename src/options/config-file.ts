/** The configuration file: YAML in mongod's nesting, read to the same values as the command line. */
import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { type OptionRow, optionTable } from './option-table.ts';
import { OptionError, readFlag, readInteger, refuse, type SaidOptions } from './option-values.ts';

/** Values that ask for nothing but what is the case anyway. */
const impliedValues: Readonly<Record<string, readonly unknown[]>> = {
  'systemLog.destination': ['file'],
  'security.authorization': ['disabled'],
  'net.ipv6': [false],
  'net.tls.mode': ['disabled'],
  'net.unixDomainSocket.enabled': [false],
  'processManagement.fork': [false],
};

/** What the file says. Throws OptionError with one clear line. */
export function readConfigFile(path: string): SaidOptions {
  const said: SaidOptions = {};
  for (const [key, value] of leaves(parseFile(path), '')) {
    if (impliedValues[key]?.includes(value) === true) continue;
    const row = optionTable.find((candidate) => candidate.yaml === key);
    if (row === undefined) {
      // A heading whose lines are all commented out, as in the files that packages install.
      if (value === null && isSection(key)) continue;
      throw new OptionError(`Unrecognized option: ${key}`);
    }
    refuse(row);
    if (value === null)
      throw new OptionError(`Error parsing YAML config file: ${key} has no value`);
    said[row.name] = readValue(row, key, value);
  }
  return said;
}

function parseFile(path: string): Readonly<Record<string, unknown>> {
  let tree: unknown;
  try {
    tree = parseYaml(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new OptionError(`Error reading config file: ${(error as Error).message.split('\n')[0]}`);
  }
  if (tree === null) return {};
  if (!isMap(tree)) {
    throw new OptionError('Error parsing YAML config file: a map of options is expected');
  }
  return tree;
}

function readValue(row: OptionRow, key: string, value: unknown): SaidOptions[string] {
  if (row.type === 'assignments') return readAssignments(key, value);
  if (typeof value === 'object') {
    throw new OptionError(`Error parsing YAML config file: ${key} takes one value`);
  }
  if (row.type === 'flag') return readFlag(key, String(value));
  if (row.type === 'integer' || row.type === 'count') return readInteger(key, String(value));
  return String(value);
}

function readAssignments(key: string, value: unknown): Record<string, string> {
  if (!isMap(value)) {
    throw new OptionError(`Error parsing YAML config file: ${key} takes a map of names to values`);
  }
  const pairs = Object.entries(value).map(([name, v]) => {
    if (v === null || typeof v === 'object') {
      throw new OptionError(`Error parsing YAML config file: ${key}.${name} takes one value`);
    }
    return [name, String(v)];
  });
  return Object.fromEntries(pairs);
}

/** The values by their dotted paths. The map of assignments is one value. */
function* leaves(
  tree: Readonly<Record<string, unknown>>,
  prefix: string,
): Generator<readonly [string, unknown]> {
  for (const [name, value] of Object.entries(tree)) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (path !== 'setParameter' && isMap(value)) yield* leaves(value, path);
    else yield [path, value];
  }
}

function isSection(key: string): boolean {
  return optionTable.some(({ yaml }) => yaml?.startsWith(`${key}.`) === true);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
