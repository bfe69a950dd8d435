/**
 * mongoose's own tests against a replica set of three: `npm run mongoose -- [options]`.
 *
 *     --source FOLDER   a checkout of mongoose, in place of a clone of the pinned tag
 *     --files GLOB      which test files (default all but those of encryption)
 *     --grep TEXT       which tests
 *
 * Not a part of CI: it takes mongoose's repository and its test tools from their public places into a
 * scratch folder that is kept between runs. Prints how many tests pass, and those that fail by their
 * cause (scripts/mongoose/causes.ts). Fails when more than 2 % do for reasons on our side.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Cluster } from '../src/cluster/index.ts';
import { byCause } from './mongoose/causes.ts';

const tag = '9.9.3';
const scratch = join(tmpdir(), `arkset-mongoose-${tag}`);
const report = join(scratch, 'report.json');
const timeoutMs = 20 * 60_000;
const mostFailing = 0.02;

const { values } = parseArgs({
  options: {
    source: { type: 'string' },
    files: { type: 'string', default: './test/**/*.test.js' },
    grep: { type: 'string' },
  },
});

interface MochaReport {
  readonly stats: { readonly passes: number; readonly failures: number; readonly pending: number };
  readonly failures: readonly {
    readonly fullTitle: string;
    readonly err: { readonly message?: string };
  }[];
}

process.exitCode = await main();

async function main(): Promise<number> {
  await prepare();
  rmSync(report, { force: true });
  const cluster = await Cluster.start({
    javascriptEnabled: true,
    setParameter: {
      enableTestCommands: '1',
      ttlMonitorSleepSecs: '1',
      internalQueryJavaScriptFnTimeoutMillis: '5000',
    },
  });
  try {
    const ignored = ['./test/encryption/**/*.test.js', './test/isolated/**'];
    await run(
      'node_modules/.bin/mocha',
      [
        ...['--exit', '--timeout', '30000', '--reporter', 'json'],
        ...['--reporter-option', `output=${report}`],
        ...ignored.flatMap((glob) => ['--ignore', glob]),
        ...(values.grep === undefined ? [] : ['--grep', values.grep]),
        values.files,
      ],
      {
        START_REPLICA_SET: '1',
        MONGOOSE_TEST_URI: withDatabase(cluster.uri),
        MONGOOSE_REPLSET_URI: withDatabase(cluster.uri),
      },
    );
  } finally {
    await cluster.stop();
  }
  return summarize(JSON.parse(readFileSync(report, 'utf8')));
}

function withDatabase(uri: string): string {
  return uri.replace('/?', '/mongoose_test?');
}

/** The repository, what it needs to run, and the tools of its tests without their install scripts. */
async function prepare(): Promise<void> {
  if (!existsSync(join(scratch, 'test'))) {
    mkdirSync(scratch, { recursive: true });
    if (values.source !== undefined) cpSync(values.source, scratch, { recursive: true });
    else {
      const repository = 'https://github.com/Automattic/mongoose';
      await run('git', ['clone', '--depth', '1', '--branch', tag, repository, '.']);
    }
  }
  if (existsSync(join(scratch, 'node_modules/.bin/mocha'))) return;
  const manifest = JSON.parse(readFileSync(join(scratch, 'package.json'), 'utf8'));
  const wanted = new Set([
    ...['acquit', 'ajv', 'lodash.isequal', 'lodash.isequalwith', 'mocha', 'moment'],
    ...['mongodb-memory-server', 'sinon', 'typescript', 'uuid'],
  ]);
  const tools = Object.entries(manifest.devDependencies).filter(([name]) => wanted.has(name));
  const reduced = { ...manifest, devDependencies: Object.fromEntries(tools), scripts: {} };
  writeFileSync(join(scratch, 'package.json'), JSON.stringify(reduced, null, 2));
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--silent']);
}

async function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = spawn(command, args, {
    cwd: scratch,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: timeoutMs,
    env: { ...process.env, ...env },
  });
  await once(child, 'close');
}

function summarize({ stats, failures }: MochaReport): number {
  const failed = failures.map(({ fullTitle, err }) => ({
    title: fullTitle,
    message: err.message ?? '',
  }));
  const causes = byCause(failed);
  for (const { name, side, tests } of causes) {
    console.log(`${tests.length} failed: ${name} (${side})`);
    for (const { title, message } of tests)
      console.log(`  ${title}\n    ${message.split('\n')[0]}`);
  }
  const count = (wanted: string) =>
    causes.filter(({ side }) => side === wanted).reduce((sum, { tests }) => sum + tests.length, 0);
  const { passes, failures: all, pending } = stats;
  const share = count('ours') / (passes + all - count('aside') - count('theirs'));
  console.log(`${passes} passed, ${all} failed, ${pending} skipped`);
  console.log(`${(share * 100).toFixed(2)} % fail for reasons on our side, transactions aside`);
  return share <= mostFailing ? 0 : 1;
}
