/**
 * arkd's command line and configuration file, in mongod's spelling.
 *
 * One table says everything: the name on the command line, the place in the YAML file, the type,
 * the help line. An option that is not in the table is refused; none is accepted and ignored.
 */
import { resolve } from 'node:path';
import { readConfigFile } from './config-file.ts';
import { type OptionRow, optionTable } from './option-table.ts';
import {
  commandLineError,
  OptionError,
  readCount,
  readFlag,
  readInteger,
  refuse,
  type SaidOptions,
} from './option-values.ts';

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

/** As wide as the longest option with its argument. */
const helpColumn = 35;

/** The text of --help, made from the table. */
export function helpText(): string {
  const said = optionTable.filter((row) => row.noEffect === undefined && row.refused === undefined);
  const rows = said.map((row) => {
    const left = `  --${row.name}${row.argument === undefined ? '' : ` ${row.argument}`}`;
    return `${left.padEnd(helpColumn)} ${row.help}`;
  });
  return ['Usage: arkd [options]', '', 'Options:', ...rows].join('\n');
}

function readArguments(argv: readonly string[]): SaidOptions {
  const said: SaidOptions = {};
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string;
    if (/^-v+$/.test(word)) {
      said.verbose = Number(said.verbose ?? 0) + word.length - 1;
      continue;
    }
    const [, name, inlineValue] = /^--([A-Za-z][\w-]*)(?:=([\s\S]*))?$/.exec(longForm(word)) ?? [];
    const row = optionTable.find((candidate) => candidate.name === name);
    if (row === undefined) throw commandLineError(`unrecognised option '${word}'`);
    refuse(row);
    addValue(said, row, inlineValue ?? implicitValue(row) ?? nextWord(argv, ++i, row));
  }
  return said;
}

function longForm(word: string): string {
  if (word === '-f') return '--config';
  return word === '-h' ? '--help' : word;
}

/** What an option means that is said without a value, if it can be. */
function implicitValue(row: OptionRow): string | undefined {
  if (row.type === 'flag') return 'true';
  return row.type === 'count' ? 'v' : undefined;
}

function nextWord(argv: readonly string[], index: number, row: OptionRow): string {
  const word = argv[index];
  if (word === undefined) {
    throw commandLineError(`the required argument for option '--${row.name}' is missing`);
  }
  return word;
}

function addValue(said: SaidOptions, row: OptionRow, value: string): void {
  const spelling = `--${row.name}`;
  switch (row.type) {
    case 'assignments': {
      const equals = value.indexOf('=');
      if (equals <= 0) {
        throw new OptionError(`Illegal option assignment: "${value}" (${spelling} NAME=VALUE)`);
      }
      const before = (said[row.name] ?? {}) as Record<string, string>;
      said[row.name] = { ...before, [value.slice(0, equals)]: value.slice(equals + 1) };
      return;
    }
    case 'count':
      said[row.name] = Number(said[row.name] ?? 0) + readCount(spelling, value);
      return;
    default:
      if (said[row.name] !== undefined) {
        throw commandLineError(`Multiple occurrences of option "${spelling}"`);
      }
      said[row.name] = readValue(row, spelling, value);
  }
}

function readValue(row: OptionRow, spelling: string, value: string): SaidOptions[string] {
  switch (row.type) {
    case 'integer':
      return readInteger(spelling, value);
    case 'flag':
      return readFlag(spelling, value);
    default:
      if (value === '') {
        throw commandLineError(`the argument ('') for option '${spelling}' is invalid`);
      }
      return value;
  }
}

/** An empty address would be every address there is. */
function readAddresses(said: SaidOptions): readonly string[] {
  if (said.bind_ip_all === true) return ['0.0.0.0'];
  const text = (said.bind_ip as string | undefined) ?? '127.0.0.1';
  const addresses = text.split(',').map((address) => address.trim());
  if (addresses.includes('')) throw new OptionError(`bind_ip: an address is empty in '${text}'`);
  return addresses;
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

function toServerOptions(said: SaidOptions): ServerOptions {
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
  const verbosity = (said.verbose as number | undefined) ?? 0;
  if (verbosity < 0) throw new OptionError('systemLog.verbosity must not be negative');
  const logPath = said.logpath as string | undefined;
  return {
    port,
    bindIp: readAddresses(said),
    dbPath: resolve((said.dbpath as string | undefined) ?? '/data/db'),
    storageEngine: engine === 'lmdb' || engine === 'wiredTiger' ? 'lmdb' : 'inMemory',
    replSet,
    oplogSizeMB,
    maxConnections,
    logPath: logPath === undefined ? undefined : resolve(logPath),
    logAppend: said.logappend === true,
    verbosity,
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

function toNested(said: SaidOptions): Record<string, unknown> {
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
