/**
 * Unmodified clients against a replica set of three processes: `npm run clients [names]`.
 *
 * Not a part of CI: it installs the clients (mongosh, an old Node driver, PyMongo, the Go driver)
 * from their registries into a scratch folder that is kept between runs. The database tools run when the
 * environment variable MONGO_TOOLS names the folder they are in.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { anyFreePorts } from '../src/cluster/free-ports.ts';
import { ProcessCluster } from '../src/cluster/process-cluster.ts';
import { runCommand } from '../src/cluster/run-command.ts';
import { runDatabaseTools } from './clients/database-tools.ts';
import { runTypedSession } from './clients/typed-session.ts';

const here = fileURLToPath(new URL('./clients/', import.meta.url));
const arkdMain = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const scratch = join(tmpdir(), 'arkset-clients');
const timeoutMs = 180_000;

interface Client {
  readonly install: () => Promise<void>;
  readonly run: (uri: string) => Promise<boolean>;
}

/** Not spawnSync: the members' output is read, and ended members are started again, meanwhile. */
async function run(folder: string, command: string, ...args: string[]): Promise<boolean> {
  const child = spawn(command, args, { cwd: folder, stdio: 'inherit', timeout: timeoutMs });
  const [code] = await once(child, 'close');
  return code === 0;
}

async function npmFolder(name: string, specifier: string): Promise<void> {
  const folder = join(scratch, name);
  if (!existsSync(join(folder, 'node_modules'))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    await run(folder, 'npm', 'install', '--no-audit', '--no-fund', '--silent', specifier);
  }
}

function nodeDriver(version: string): Client {
  const name = `node-driver-${version}`;
  return {
    install: () => npmFolder(name, `mongodb@${version}`),
    run: (uri) => run(join(scratch, name), process.execPath, join(here, 'smoke.mjs'), uri),
  };
}

const clients: Record<string, Client> = {
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
  'mongosh-typed': {
    install: () => npmFolder('mongosh', 'mongosh@2'),
    run: (uri) => runTypedSession('node_modules/.bin/mongosh', join(scratch, 'mongosh'), uri),
  },
  pymongo: {
    install: async () => {
      const folder = join(scratch, 'pymongo');
      if (existsSync(folder)) return;
      mkdirSync(scratch, { recursive: true });
      await run(scratch, 'python3', '-m', 'venv', 'pymongo');
      await run(folder, 'bin/pip', 'install', '--quiet', 'pymongo==4.*');
    },
    run: (uri) => run(join(scratch, 'pymongo'), 'bin/python', join(here, 'smoke.py'), uri),
  },
  // Starts members of its own, in the place of mongod.
  'memory-server': {
    install: () => npmFolder('memory-server', 'mongodb-memory-server-core'),
    run: () => {
      const folder = join(scratch, 'memory-server');
      const binary = join(folder, 'arkd');
      const words = [process.execPath, '--import', import.meta.resolve('tsx'), arkdMain];
      writeFileSync(binary, `#!/bin/sh\nexec ${words.join(' ')} "$@"\n`, { mode: 0o755 });
      process.env.MONGOMS_SYSTEM_BINARY = binary;
      return run(folder, process.execPath, join(here, 'memory-server.mjs'));
    },
  },
  go: {
    install: async () => {
      const folder = join(scratch, 'go');
      mkdirSync(folder, { recursive: true });
      cpSync(join(here, 'go'), folder, { recursive: true });
      if (existsSync(join(folder, 'go.mod'))) return;
      await run(folder, 'go', 'mod', 'init', 'smoke');
      await run(folder, 'go', 'get', 'go.mongodb.org/mongo-driver@v1.17.6');
      await run(folder, 'go', 'mod', 'tidy');
    },
    run: (uri) => run(join(scratch, 'go'), 'go', 'run', '.', uri),
  },
};

const { MONGO_TOOLS: databaseTools } = process.env;
if (databaseTools !== undefined) {
  clients['database-tools'] = {
    install: async () => {},
    run: (uri) => runDatabaseTools(databaseTools, join(scratch, 'database-tools'), uri),
  };
}

/** A session may have ended a member, which is started again. */
async function everyMemberAnswers(cluster: ProcessCluster): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (const host of cluster.hosts) {
    for (;;) {
      const state = await runCommand(host, 'admin', { hello: 1 }).catch(() => undefined);
      if (state?.isWritablePrimary === true || state?.secondary === true) break;
      if (Date.now() > deadline) throw new Error(`${host} does not come back`);
      await new Promise((next) => setTimeout(next, 50));
    }
  }
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(clients);
const folder = mkdtempSync(join(tmpdir(), 'arkset-clients-data-'));
const failed: string[] = [];
for (const name of wanted) await clients[name]?.install();
const cluster = await ProcessCluster.start({
  folder,
  ports: await anyFreePorts(3),
  restart: true,
});
try {
  await cluster.writable();
  for (const name of wanted) {
    await everyMemberAnswers(cluster);
    console.log(`== ${name}`);
    const client = clients[name];
    if (client === undefined || !(await client.run(cluster.uri))) failed.push(name);
  }
} finally {
  await cluster.stop();
}
if (failed.length === 0) rmSync(folder, { recursive: true });
console.log(
  failed.length === 0 ? 'all clients: ok' : `failed: ${failed.join(', ')}; logs in ${folder}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
