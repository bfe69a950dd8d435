import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  helpText,
  OptionError,
  parseCommandLine,
  type ServerOptions,
} from '../src/options/index.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'arkset-options-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function options(...argv: string[]): ServerOptions {
  const line = parseCommandLine(argv);
  if (line.kind !== 'run') throw new Error(`expected options, got ${line.kind}`);
  return line.options;
}

function configFile(text: string): string {
  const path = join(folder, 'arkd.yaml');
  writeFileSync(path, text);
  return path;
}

describe('the command line', () => {
  it('takes a value after a space and after an equals sign', () => {
    expect(options('--port', '27018').port).toBe(27018);
    expect(options('--port=27018').port).toBe(27018);
  });

  it('has defaults as mongod has', () => {
    expect(options()).toMatchObject({
      port: 27017,
      bindIp: ['127.0.0.1'],
      dbPath: '/data/db',
      storageEngine: 'lmdb',
      replSet: undefined,
    });
  });

  it('counts the letters of -vvv', () => {
    expect(options('-vvv').verbosity).toBe(3);
    expect(options('-v', '--verbose', '--verbose=vv').verbosity).toBe(4);
  });

  it('runs JavaScript of clients only when asked to, and never with --noscripting', () => {
    expect(options().javascriptEnabled).toBe(false);
    expect(options('--scripting').javascriptEnabled).toBe(true);
    expect(options('--scripting', '--noscripting').javascriptEnabled).toBe(false);
    expect(options('--scripting').parsed).toEqual({ security: { javascriptEnabled: true } });
  });

  it('collects repeated --setParameter', () => {
    expect(options('--setParameter', 'a=1', '--setParameter=b=x=y').setParameter).toEqual({
      a: '1',
      b: 'x=y',
    });
  });

  it.each([
    [['--bogus'], "Error parsing command line: unrecognised option '--bogus'"],
    [['bogus'], "Error parsing command line: unrecognised option 'bogus'"],
    [['-port', '1'], "Error parsing command line: unrecognised option '-port'"],
    [
      ['--port'],
      "Error parsing command line: the required argument for option '--port' is missing",
    ],
    [
      ['--port', 'x'],
      "Error parsing command line: the argument ('x') for option '--port' is invalid",
    ],
    [
      ['--port', '1', '--port=1'],
      'Error parsing command line: Multiple occurrences of option "--port"',
    ],
    [
      ['--quiet', '--quiet'],
      'Error parsing command line: Multiple occurrences of option "--quiet"',
    ],
    [
      ['--quiet=maybe'],
      "Error parsing command line: the argument ('maybe') for option '--quiet' is invalid",
    ],
    [
      ['--verbose=3'],
      "Error parsing command line: the argument ('3') for option '--verbose' is invalid",
    ],
    [
      ['--dbpath', ''],
      "Error parsing command line: the argument ('') for option '--dbpath' is invalid",
    ],
    [
      ['--bind_ip='],
      "Error parsing command line: the argument ('') for option '--bind_ip' is invalid",
    ],
    [['--bind_ip', '127.0.0.1,'], "bind_ip: an address is empty in '127.0.0.1,'"],
    [['--port', '70000'], 'port: 70000 is out of range (0 to 65535)'],
    [['--setParameter', 'x'], 'Illegal option assignment: "x" (--setParameter NAME=VALUE)'],
    [['--oplogSize', '0'], 'bad --oplogSize, arg must be greater than 0'],
    [
      ['--storageEngine', 'mmapv1'],
      'Cannot start server with an unknown storage engine: mmapv1 (lmdb and inMemory are there)',
    ],
    [
      ['--config', '/nonexistent'],
      "Error reading config file: ENOENT: no such file or directory, open '/nonexistent'",
    ],
  ])('refuses %j in one line', (argv, message) => {
    expect(() => parseCommandLine(argv)).toThrow(new OptionError(message));
  });

  it.each([
    [['--auth'], 'Error: the option auth is refused: authentication is not implemented yet'],
    [['--shardsvr'], 'Error: the option shardsvr is refused: sharding is not supported'],
    [
      ['--networkMessageCompressors', 'snappy,lz4'],
      'Invalid network message compressor specified in configuration: lz4',
    ],
  ])('refuses %j, which is not there, with the reason', (argv, message) => {
    expect(() => parseCommandLine(argv)).toThrow(new OptionError(message));
  });

  it("takes the words of people's scripts that change nothing, and says so", () => {
    expect(options('--noauth').warnings).toEqual([]);
    expect(options('--journal', '--wiredTigerCacheSizeGB', '1').warnings).toEqual([
      'The option journal changes nothing: every acknowledged write is durable',
      "The option wiredTigerCacheSizeGB changes nothing: the cache is the operating system's",
    ]);
  });

  it('takes compressors by name', () => {
    expect(options('--networkMessageCompressors', 'zlib, snappy').compressors).toEqual([
      'zlib',
      'snappy',
    ]);
    expect(options('--networkMessageCompressors', 'disabled').compressors).toEqual([]);
  });

  it('tells every option in its help', () => {
    expect(helpText()).toContain('--replSet NAME');
    expect(parseCommandLine(['--help']).kind).toBe('help');
    expect(parseCommandLine(['--version']).kind).toBe('version');
  });
});

describe('the configuration file', () => {
  it("is YAML in mongod's nesting, and the command line has the last word", () => {
    const path = configFile(`
net:
  port: 27020
  bindIp: 127.0.0.1,::1
storage:
  dbPath: /tmp/x
replication:
  replSetName: rs0
systemLog:
  destination: file
  path: /tmp/log
  logAppend: true
setParameter:
  enableTestCommands: 1
`);

    expect(options('--config', path, '--port', '27021')).toMatchObject({
      port: 27021,
      bindIp: ['127.0.0.1', '::1'],
      dbPath: '/tmp/x',
      replSet: 'rs0',
      logPath: '/tmp/log',
      logAppend: true,
      setParameter: { enableTestCommands: '1' },
      parsed: { net: { port: 27021 }, replication: { replSetName: 'rs0' } },
    });
  });

  it('may be the one the packages of mongod install', () => {
    const path = configFile(`
storage:
  dbPath: /var/lib/mongodb
systemLog:
  destination: file
  logAppend: true
  path: /var/log/mongodb/mongod.log
net:
  port: 27017
  bindIp: 127.0.0.1
processManagement:
  timeZoneInfo: /usr/share/zoneinfo
`);

    expect(options('--config', path)).toMatchObject({
      dbPath: '/var/lib/mongodb',
      warnings: ['The option timeZoneInfo changes nothing: time zones come with Node.js'],
    });
  });

  it('may have sections whose lines are all commented out', () => {
    expect(
      options('-f', configFile('net:\n  port: 5\nreplication:\n#  replSetName: x\n')),
    ).toMatchObject({ port: 5, replSet: undefined });
  });

  it.each([
    [
      'storage: {wiredTiger: {engineConfig: 1}}',
      'Unrecognized option: storage.wiredTiger.engineConfig',
    ],
    ['bogus:', 'Unrecognized option: bogus'],
    ['storage: {dbPath: }', 'Error parsing YAML config file: storage.dbPath has no value'],
    ['net: {bindIp: [a, b]}', 'Error parsing YAML config file: net.bindIp takes one value'],
    [
      'setParameter: 3',
      'Error parsing YAML config file: setParameter takes a map of names to values',
    ],
    ['setParameter: {a: {b: 1}}', 'Error parsing YAML config file: setParameter.a takes one value'],
    ['systemLog: {verbosity: -1}', 'systemLog.verbosity must not be negative'],
    [
      'security: {authorization: enabled}',
      'Error: the option auth is refused: authentication is not implemented yet',
    ],
    ['port = 1', 'Error parsing YAML config file: a map of options is expected'],
  ])('refuses %j in one line', (text, message) => {
    expect(() => options('-f', configFile(text))).toThrow(new OptionError(message));
  });
});
