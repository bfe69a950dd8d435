/**
 * The table of rooms and arrows, executable. A room may import from the rooms named in its row;
 * packages and node: modules are listed the same way. Change a row only together with the map in
 * README.md, and say why in the commit.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');

interface Room {
  /** Other rooms it may import. */
  readonly rooms: readonly string[];
  /** Packages and node: modules it may import; '*' allows all. */
  readonly packages: readonly string[];
}

const anything: readonly string[] = ['*'];

const rooms: Readonly<Record<string, Room>> = {
  'src/ark': { rooms: [], packages: [] },
  'src/errors': { rooms: [], packages: [] },
  'src/collation': { rooms: ['src/bson', 'src/errors'], packages: ['node:zlib'] },
  'src/bson': { rooms: ['src/errors'], packages: ['bson', 'node:buffer', 'node:crypto'] },
  wire: { rooms: [], packages: ['node:zlib', 'node:util', 'snappy', '@bokuweb/zstd-wasm'] },
  storage: {
    rooms: [],
    packages: [
      'lmdb',
      'node:fs',
      'node:fs/promises',
      'node:path',
      'node:zlib',
      'node:crypto',
      'node:os',
    ],
  },
  'src/expressions': { rooms: ['src/bson', 'src/errors'], packages: ['node:vm', 'decimal.js'] },
  'src/geo': { rooms: ['src/bson'], packages: [] },
  'src/text': { rooms: ['src/bson', 'src/errors'], packages: ['node:module'] },
  'src/query': {
    rooms: ['src/expressions', 'src/geo', 'src/bson', 'src/errors'],
    packages: [],
  },
  'src/plan': {
    rooms: [
      'src/query',
      'src/text',
      'src/geo',
      'src/expressions',
      'storage',
      'src/collation',
      'src/bson',
      'src/errors',
    ],
    packages: ['node:crypto'],
  },
  'src/database': {
    rooms: [
      'src/plan',
      'src/query',
      'src/text',
      'src/expressions',
      'storage',
      'src/collation',
      'src/bson',
      'src/errors',
      'src/ark/gtid.ts',
    ],
    packages: ['bson', 'node:crypto'],
  },
  'src/aggregation': {
    rooms: ['src/plan', 'src/query', 'src/expressions', 'src/bson', 'src/errors'],
    packages: [],
  },
  'src/scripting': {
    rooms: ['src/bson', 'src/errors'],
    packages: [
      'bson',
      'node:crypto',
      'node:fs',
      'node:module',
      'node:worker_threads',
      'quickjs-wasi',
    ],
  },
  'src/replication': {
    rooms: ['src/ark', 'src/database', 'storage', 'wire', 'src/bson', 'src/errors', 'src/log.ts'],
    packages: [
      'bson',
      'node:net',
      'node:crypto',
      'node:fs',
      'node:fs/promises',
      'node:path',
      'node:os',
    ],
  },
  'src/commands': {
    rooms: [
      'src/aggregation',
      'src/replication',
      'src/database',
      'src/plan',
      'src/query',
      'src/expressions',
      'src/collation',
      'src/bson',
      'src/errors',
    ],
    packages: ['bson', 'node:os'],
  },
  'src/server': {
    rooms: ['src/commands', 'wire', 'src/bson', 'src/errors'],
    packages: ['node:net'],
  },
  'src/cluster': { rooms: anything, packages: anything },
  'src/main.ts': { rooms: anything, packages: anything },
  'src/options': { rooms: [], packages: ['yaml', 'node:fs', 'node:path'] },
  'src/log.ts': { rooms: [], packages: ['pino', 'pino-pretty'] },
};

/** Only these files may import these modules. */
const soleOwners: Readonly<Record<string, readonly string[]>> = {
  lmdb: ['storage/lmdb-engine.ts'],
  'decimal.js': ['src/expressions/decimals/real.ts'],
  'node:net': [
    'src/server/listener.ts',
    'src/server/connection.ts',
    'src/replication/peer.ts',
    // Outside of a member: they look for free ports and talk to members as a client.
    'src/cluster/free-ports.ts',
    'src/cluster/run-command.ts',
  ],
  pino: ['src/log.ts'],
};

function sourceFiles(directory: string): string[] {
  return readdirSync(join(root, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[jt]s$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

/** What a file imports: relative paths resolved from the root, packages by name. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const statements = text.matchAll(/^(?:import|export)\b(?:[^';]*?\bfrom)?\s*'([^']+)'/gm);
  const calls = text.matchAll(/\bimport\('([^']+)'\)/g);
  const specifiers = [...statements, ...calls].map((match) => match[1] as string);
  return specifiers.map((specifier) =>
    specifier.startsWith('.') ? relative(root, resolve(root, dirname(file), specifier)) : specifier,
  );
}

function within(path: string, room: string): boolean {
  return path === room || path.startsWith(`${room}/`);
}

function roomOf(file: string): string | undefined {
  return Object.keys(rooms)
    .filter((room) => within(file, room))
    .sort((a, b) => b.length - a.length)[0];
}

/** A package may be named like a file: decimal.js. */
function isPath(imported: string): boolean {
  return /\/.*\.(ts|js|json)$/.test(imported);
}

/** The imports of a file that its room does not allow. */
function breachesOf(file: string, imports: readonly string[] = importsOf(file)): string[] {
  const name = roomOf(file);
  if (name === undefined) return [`${file} stands in no room`];
  const room = rooms[name] as Room;
  return imports.flatMap((imported) => {
    const owners = soleOwners[imported];
    if (owners !== undefined && !owners.includes(file)) {
      return [`${file} imports ${imported}, which belongs to ${owners.join(', ')}`];
    }
    const allowed = isPath(imported)
      ? within(imported, name) ||
        room.rooms.includes('*') ||
        room.rooms.some((other) => within(imported, other))
      : room.packages.includes('*') || room.packages.includes(imported);
    return allowed ? [] : [`${file} (${name}) imports ${imported}`];
  });
}

/** What nearly every room may import, and the word for no room. */
const leftOutOfTheMap: ReadonlySet<string> = new Set(['bson', 'errors', 'log', 'nothing']);

describe('the rooms', () => {
  const files = [...sourceFiles('src'), ...sourceFiles('wire'), ...sourceFiles('storage')];

  it('import only what their row of the table allows', () => {
    expect(files.length).toBeGreaterThan(0);
    expect(files.flatMap((file) => breachesOf(file))).toEqual([]);
  });

  it('are allowed no more than they import', () => {
    const used = new Map<string, string[]>();
    for (const file of files) {
      const room = roomOf(file) as string;
      used.set(room, [...(used.get(room) ?? []), ...importsOf(file)]);
    }
    const unused = Object.entries(rooms).flatMap(([name, { rooms: allowed, packages }]) =>
      [...allowed, ...packages]
        .filter((one) => one !== '*')
        .filter((one) => !(used.get(name) ?? []).some((imported) => within(imported, one)))
        .map((one) => `${name} may import ${one}`),
    );

    expect(unused).toEqual([]);
  });

  it('have no import that leads back to where it started', () => {
    const graph = new Map(files.map((file) => [file, importsOf(file).filter(isPath)]));
    const roomGraph = new Map<string, Set<string>>();
    for (const [file, imports] of graph) {
      const from = roomOf(file) as string;
      for (const imported of imports) {
        const to = roomOf(imported);
        if (to === undefined || to === from) continue;
        roomGraph.set(from, (roomGraph.get(from) ?? new Set()).add(to));
      }
    }
    const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
      [...(roomGraph.get(from) ?? [])].some(
        (next) => next === to || (!seen.has(next) && reaches(next, to, new Set(seen).add(next))),
      );
    const cycles = [...roomGraph.keys()].filter((room) => reaches(room, room));

    expect(cycles).toEqual([]);
  });

  it('are what the map of the README says they are', () => {
    const map = new Map<string, string[]>();
    const table = readFileSync(join(root, 'README.md'), 'utf8').matchAll(
      /^\| (`[^|]*`) +\|[^|]*\|([^|]*)\|$/gm,
    );
    for (const [, names = '', cell = ''] of table) {
      const imported = cell.trim() === 'everything' ? ['*'] : cell.match(/[\w/]+/g);
      for (const [, name = ''] of names.matchAll(/`([^`]*?)\/?`/g)) map.set(name, imported ?? []);
    }

    for (const [name, { rooms: allowed }] of Object.entries(rooms)) {
      if (/\.ts$/.test(name) && name !== 'src/main.ts') continue;
      const shown = allowed
        .map((room) => room.replace(/^src\//, '').replace(/\.ts$/, ''))
        .filter((room) => !leftOutOfTheMap.has(room));
      const told = map.get(name)?.filter((room) => !leftOutOfTheMap.has(room));
      expect([name, told?.sort()]).toEqual([name, shown.sort()]);
    }
  });

  it('do not get away with a breach', () => {
    expect(breachesOf('src/query/filter.ts', ['storage/engine.ts'])).toHaveLength(1);
    expect(breachesOf('src/ark/member.ts', ['node:crypto'])).toHaveLength(1);
    expect(breachesOf('src/commands/documents/find.ts', ['wire/index.ts'])).toHaveLength(1);
    expect(breachesOf('storage/catalog.ts', ['lmdb'])).toHaveLength(1);
  });

  it('keep no drawers without a name', () => {
    const nameless = /(^|[/-])(utils?|helpers?|common|misc|manager)([/.-]|$)/;

    expect(files.filter((file) => nameless.test(file))).toEqual([]);
  });
});
