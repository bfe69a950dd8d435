/**
 * arkd's command line and configuration file, in mongod's spelling.
 *
 * One table says everything: the name on the command line, the place in the YAML file, the type,
 * the help line. An option that is not in the table is refused; none is accepted and ignored.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { type OptionRow, optionTable } from './option-table.ts';

export interface ServerOptions {
  readonly port: number;
  readonly bindIp: readonly string[];
  readonly dbPath: string;
  readonly storageEngine: 'lmdb' | 'inMemory';
  readonly replSet: string | undefined;
  readonly oplogSizeMB: number | undefined;
  readonly maxConnections: number | undefined;
  readonly logPath: string | undefined;
  readonly logAppend: boolean;
  readonly verbosity: number;
  readonly quiet: boolean;
  readonly pidFilePath: string | undefined;
  readonly compressors: readonly string[] | undefined;
  /** Whether the server runs JavaScript of clients. */
  readonly javascriptEnabled: boolean;
  /** One line for each option that was given and changes nothing. */
  readonly warnings: readonly string[];
  readonly setParameter: Readonly<Record<string, string>>;
  /** What was said, nested as in the configuration file: the answer of getCmdLineOpts. */
  readonly parsed: Readonly<Record<string, unknown>>;
}

export type CommandLine =
  | { readonly kind: 'run'; readonly options: ServerOptions }
  | { readonly kind: 'version' }
  | { readonly kind: 'help' };

/** The words are wrong; the process says the message and ends with exit code 2. */
export class OptionError extends Error {
  override readonly name = 'OptionError';
}

/** Values in the YAML file that ask for nothing but what is the case anyway. */
const impliedYaml: Readonly<Record<string, readonly unknown[]>> = {
  'systemLog.destination': ['file'],
  'security.authorization': ['disabled'],
  'net.ipv6': [false],
  'net.tls.mode': ['disabled'],
  'net.unixDomainSocket.enabled': [false],
  'processManagement.fork': [false],
};

type RawOptions = Record<string, string | number | boolean | Record<string, string>>;

/**
 * Reads the command line (without node and the script) and the configuration file it names.
 * Throws OptionError with one clear line.
 */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const said = readArguments(argv);
  if (said.help === true) return { kind: 'help' };
  if (said.version === true) return { kind: 'version' };
  const configFile = said.config;
  const fromFile = typeof configFile === 'string' ? readConfigFile(configFile) : {};
  const setParameter = {
    ...(fromFile.setParameter as Record<string, string> | undefined),
    ...(said.setParameter as Record<string, string> | undefined),
  };
  return { kind: 'run', options: toServerOptions({ ...fromFile, ...said, setParameter }) };
}

/** The text of --help, made from the table. */
export function helpText(): string {
  const said = optionTable.filter((row) => row.noEffect === undefined && row.refused === undefined);
  const rows = said.map((row) => {
    const left = `  --${row.name}${row.argument === undefined ? '' : ` ${row.argument}`}`;
    return `${left.padEnd(30)} ${row.help}`;
  });
  return ['Usage: arkd [options]', '', 'Options:', ...rows].join('\n');
}

function readArguments(argv: readonly string[]): RawOptions {
  const said: RawOptions = {};
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    if (/^-v+$/.test(word)) {
      said.verbose = Number(said.verbose ?? 0) + word.length - 1;
      continue;
    }
    const [, dashed, inlineValue] = /^(--?[A-Za-z][\w-]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
    const name = dashed === '-f' ? 'config' : dashed === '-h' ? 'help' : dashed?.slice(2);
    const row = optionTable.find((candidate) => candidate.name === name);
    if (
      row === undefined ||
      (dashed?.startsWith('--') !== true && dashed !== '-f' && dashed !== '-h')
    ) {
      throw new OptionError(`Error parsing command line: unrecognised option '${word}'`);
    }
    refuse(row);
    if (row.type === 'flag' || row.type === 'count') {
      if (row.type === 'flag' && inlineValue !== undefined) {
        said[row.name] = readFlag(`--${row.name}`, inlineValue);
      } else if (row.type === 'count') {
        said[row.name] = Number(said[row.name] ?? 0) + 1;
      } else {
        said[row.name] = true;
      }
      continue;
    }
    const value = inlineValue ?? argv[++i];
    if (value === undefined) {
      throw new OptionError(
        `Error parsing command line: the required argument for option '--${row.name}' is missing`,
      );
    }
    addValue(said, row, value, `--${row.name}`);
  }
  return said;
}

function addValue(said: RawOptions, row: OptionRow, value: string, spelling: string): void {
  switch (row.type) {
    case 'integer':
      said[row.name] = readInteger(spelling, value);
      return;
    case 'assignments': {
      const equals = value.indexOf('=');
      if (equals <= 0) {
        throw new OptionError(`Illegal option assignment: "${value}" (${spelling} NAME=VALUE)`);
      }
      const before = (said[row.name] ?? {}) as Record<string, string>;
      said[row.name] = { ...before, [value.slice(0, equals)]: value.slice(equals + 1) };
      return;
    }
    default:
      said[row.name] = value;
  }
}

function readInteger(spelling: string, value: string): number {
  if (!/^-?\d+$/.test(value)) {
    throw new OptionError(`the argument ('${value}') for option '${spelling}' is invalid`);
  }
  return Number(value);
}

function readFlag(spelling: string, value: string): boolean {
  if (value === 'true' || value === '1') return true;
  if (value === 'false' || value === '0') return false;
  throw new OptionError(`the argument ('${value}') for option '${spelling}' is invalid`);
}

function readConfigFile(path: string): RawOptions {
  let tree: unknown;
  try {
    tree = parseYaml(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new OptionError(`Error reading config file: ${(error as Error).message.split('\n')[0]}`);
  }
  if (tree === null) return {};
  if (typeof tree !== 'object' || Array.isArray(tree)) {
    throw new OptionError('Error parsing YAML config file: a map of options is expected');
  }
  const said: RawOptions = {};
  for (const [key, value] of flatten(tree as Record<string, unknown>, '')) {
    if (impliedYaml[key]?.includes(value) === true) continue;
    const row = optionTable.find((candidate) => candidate.yaml === key);
    if (row === undefined) throw new OptionError(`Unrecognized option: ${key}`);
    refuse(row);
    if (row.type === 'assignments') {
      said[row.name] = Object.fromEntries(
        Object.entries(value as Record<string, unknown>).map(([name, v]) => [name, String(v)]),
      );
    } else if (row.type === 'flag') {
      said[row.name] = readFlag(key, String(value));
    } else if (row.type === 'integer' || row.type === 'count') {
      said[row.name] = readInteger(key, String(value));
    } else {
      said[row.name] = String(value);
    }
  }
  return said;
}

function* flatten(
  tree: Record<string, unknown>,
  prefix: string,
): Generator<readonly [string, unknown]> {
  for (const [name, value] of Object.entries(tree)) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    if (path !== 'setParameter' && value !== null && typeof value === 'object') {
      yield* flatten(value as Record<string, unknown>, path);
    } else {
      yield [path, value];
    }
  }
}

const compressorNames: readonly string[] = ['snappy', 'zstd', 'zlib'];

function readCompressors(said: string | undefined): readonly string[] | undefined {
  if (said === undefined) return undefined;
  if (said === 'disabled') return [];
  const wanted = said.split(',').map((name) => name.trim());
  for (const name of wanted) {
    if (!compressorNames.includes(name)) {
      throw new OptionError(
        `Invalid network message compressor specified in configuration: ${name}`,
      );
    }
  }
  return wanted;
}

function refuse(row: OptionRow): void {
  if (row.refused !== undefined) {
    throw new OptionError(`Error: the option ${row.name} is refused: ${row.refused}`);
  }
}

function toServerOptions(said: RawOptions): ServerOptions {
  const port = (said.port as number | undefined) ?? 27017;
  if (port < 0 || port > 65535) {
    throw new OptionError(`port: ${port} is out of range (0 to 65535)`);
  }
  const oplogSizeMB = said.oplogSize as number | undefined;
  if (oplogSizeMB !== undefined && oplogSizeMB < 1) {
    throw new OptionError('bad --oplogSize, arg must be greater than 0');
  }
  const maxConnections = said.maxConns as number | undefined;
  if (maxConnections !== undefined && maxConnections < 5) {
    throw new OptionError('maxConns has to be at least 5');
  }
  const engine = (said.storageEngine as string | undefined) ?? 'lmdb';
  if (!['lmdb', 'wiredTiger', 'inMemory', 'ephemeralForTest'].includes(engine)) {
    throw new OptionError(
      `Cannot start server with an unknown storage engine: ${engine} (lmdb and inMemory are there)`,
    );
  }
  const replSet = said.replSet as string | undefined;
  if (replSet === '') throw new OptionError('--replSet wants a name');
  const addresses =
    said.bind_ip_all === true
      ? ['0.0.0.0']
      : ((said.bind_ip as string | undefined) ?? '127.0.0.1').split(',').map((a) => a.trim());
  const logPath = said.logpath as string | undefined;
  return {
    port,
    bindIp: addresses,
    dbPath: resolve((said.dbpath as string | undefined) ?? '/data/db'),
    storageEngine: engine === 'lmdb' || engine === 'wiredTiger' ? 'lmdb' : 'inMemory',
    replSet,
    oplogSizeMB,
    maxConnections,
    logPath: logPath === undefined ? undefined : resolve(logPath),
    logAppend: said.logappend === true,
    verbosity: (said.verbose as number | undefined) ?? 0,
    quiet: said.quiet === true,
    pidFilePath: said.pidfilepath === undefined ? undefined : resolve(String(said.pidfilepath)),
    compressors: readCompressors(said.networkMessageCompressors as string | undefined),
    javascriptEnabled: said.scripting === true && said.noscripting !== true,
    warnings: optionTable.flatMap(({ name, noEffect }) =>
      said[name] === undefined || noEffect === undefined
        ? []
        : [`The option ${name} changes nothing: ${noEffect}`],
    ),
    setParameter: (said.setParameter as Record<string, string> | undefined) ?? {},
    parsed: toNested(said),
  };
}

function toNested(said: RawOptions): Record<string, unknown> {
  const nested: Record<string, unknown> = {};
  for (const row of optionTable) {
    const value = said[row.name];
    if (value === undefined) continue;
    if (row.type === 'assignments' && Object.keys(value as object).length === 0) continue;
    const path = (row.yaml ?? row.name).split('.');
    let level = nested;
    for (const name of path.slice(0, -1)) {
      level[name] ??= {};
      level = level[name] as Record<string, unknown>;
    }
    level[path.at(-1) as string] = value;
  }
  return nested;
}
