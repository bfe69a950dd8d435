/**
 * Unmodified clients against a replica set of three processes: `npm run clients [names]`.
 *
 * Not a part of CI: it installs the clients (mongosh, an old Node driver, PyMongo, the Go driver)
 * from their registries into a scratch folder that is kept between runs.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { anyFreePorts, ProcessCluster } from '../src/cluster/process-cluster.ts';

const here = fileURLToPath(new URL('./clients/', import.meta.url));
const scratch = join(tmpdir(), 'arkset-clients');
const timeoutMs = 180_000;

interface Client {
  readonly install: () => void;
  readonly run: (uri: string) => boolean;
}

function run(folder: string, command: string, ...args: string[]): boolean {
  const result = spawnSync(command, args, { cwd: folder, stdio: 'inherit', timeout: timeoutMs });
  return result.status === 0;
}

function npmFolder(name: string, specifier: string): string {
  const folder = join(scratch, name);
  if (!existsSync(join(folder, 'node_modules'))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--silent', specifier);
  }
  return folder;
}

function nodeDriver(version: string): Client {
  const name = `node-driver-${version}`;
  return {
    install: () => npmFolder(name, `mongodb@${version}`),
    run: (uri) => run(join(scratch, name), process.execPath, join(here, 'smoke.mjs'), uri),
  };
}

const clients: Readonly<Record<string, Client>> = {
  'node-7': nodeDriver('7.8.0'),
  'node-4': nodeDriver('4.17.2'),
  mongosh: {
    install: () => npmFolder('mongosh', 'mongosh@2'),
    run: (uri) =>
      run(
        join(scratch, 'mongosh'),
        'node_modules/.bin/mongosh',
        uri,
        '--quiet',
        '--file',
        join(here, 'shell.js'),
      ),
  },
  pymongo: {
    install: () => {
      const folder = join(scratch, 'pymongo');
      if (existsSync(folder)) return;
      mkdirSync(scratch, { recursive: true });
      run(scratch, 'python3', '-m', 'venv', 'pymongo');
      run(folder, 'bin/pip', 'install', '--quiet', 'pymongo==4.*');
    },
    run: (uri) => run(join(scratch, 'pymongo'), 'bin/python', join(here, 'smoke.py'), uri),
  },
  go: {
    install: () => {
      const folder = join(scratch, 'go');
      mkdirSync(folder, { recursive: true });
      cpSync(join(here, 'go'), folder, { recursive: true });
      if (existsSync(join(folder, 'go.mod'))) return;
      run(folder, 'go', 'mod', 'init', 'smoke');
      run(folder, 'go', 'get', 'go.mongodb.org/mongo-driver@v1.17.6');
      run(folder, 'go', 'mod', 'tidy');
    },
    run: (uri) => run(join(scratch, 'go'), 'go', 'run', '.', uri),
  },
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(clients);
const folder = mkdtempSync(join(tmpdir(), 'arkset-clients-data-'));
const failed: string[] = [];
for (const name of wanted) clients[name]?.install();
const cluster = await ProcessCluster.start({ folder, ports: await anyFreePorts(3) });
try {
  await cluster.writable();
  for (const name of wanted) {
    console.log(`== ${name}`);
    const client = clients[name];
    if (client === undefined || !client.run(cluster.uri)) failed.push(name);
  }
} finally {
  await cluster.stop();
}
if (failed.length === 0) rmSync(folder, { recursive: true });
console.log(
  failed.length === 0 ? 'all clients: ok' : `failed: ${failed.join(', ')}; logs in ${folder}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
