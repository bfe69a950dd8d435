#!/usr/bin/env node
/**
 * `arkset`: a replica set on this machine, in three processes, for people to look at.
 *
 * The first start makes the set under a data folder; later starts resume it. Members that die are
 * started again, so one can kill any of them and watch the others elect.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import picocolors from 'picocolors';
import { freePorts, isPortFree } from './free-ports.ts';
import { type MemberEvent, ProcessCluster } from './process-cluster.ts';

const firstPort = 27_017;
const { bold, cyan, dim, green, red, yellow } = picocolors;
const paint = [cyan, yellow, green, red, bold, dim];

const help = `Usage: arkset [--data FOLDER] [--members N] [--port FIRST]

Starts a replica set of N members (default 3) on this machine and shows what its members do.
  --data FOLDER   where the data is kept (default ./data)
  --members N     how many members a new set has, 1 to 7 (default 3)
  --port FIRST    the first port a new set may use (default ${firstPort})
Ctrl-C ends all members in good order; the next start resumes.`;

/** What a set remembers of itself between starts: its ports are part of its config. */
interface SavedSet {
  readonly name: string;
  readonly ports: readonly number[];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: 'data' },
      members: { type: 'string', default: '3' },
      port: { type: 'string', default: String(firstPort) },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const members = wholeNumber('--members', values.members, 1, 7);
  const port = wholeNumber('--port', values.port, 1, 65_535);
  const folder = resolve(values.data);
  const saved = await resumeOrPlan(folder, members, port);
  const cluster = new ProcessCluster({
    folder,
    ports: saved.ports,
    name: saved.name,
    restart: true,
  });
  cluster.on('event', showEvent);
  const hasEnded = endOnSignals(cluster);
  try {
    await cluster.start();
    writeFileSync(join(folder, 'set.json'), `${JSON.stringify(saved)}\n`);
    await firstPrimary(cluster, folder);
  } catch (error) {
    if (!hasEnded()) await cluster.stop();
    else return;
    throw error;
  }
  if (hasEnded()) return;
  console.log(`
${bold('The replica set takes writes.')}
  connection string  ${cyan(cluster.uri)}
  mongosh            ${cyan(`npx mongosh "${cluster.uri}"`)}
  logs               ${join(folder, 'member-*.log')}
${cluster.hosts.map((host, i) => `  ${memberName(i)} ${host}  process ${cluster.processId(i)}`).join('\n')}
${dim('Kill one of them (kill -9) and watch; Ctrl-C ends all.')}
`);
}

/** From the first moment on: members must not outlive who started them. Returns whether a signal came. */
function endOnSignals(cluster: ProcessCluster): () => boolean {
  let isStopping = false;
  const stop = (signal: string) => {
    if (isStopping) {
      console.log(dim(`${signal}: killing what has not ended; what was acknowledged is safe`));
      cluster.kill();
      return;
    }
    isStopping = true;
    console.log(dim(`\n${signal}: ending the members; once more ends them at once`));
    cluster.stop().then(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stop(signal));
  }
  return () => isStopping;
}

async function firstPrimary(cluster: ProcessCluster, folder: string): Promise<void> {
  for (;;) {
    try {
      await cluster.writable();
      return;
    } catch (error) {
      if ((error as Error).name !== 'AbortError') throw error;
      console.log(yellow(`no member takes writes yet; why is in ${join(folder, 'member-*.log')}`));
    }
  }
}

function showEvent({ member, kind, text }: MemberEvent): void {
  const time = new Date().toTimeString().slice(0, 8);
  const words = kind === 'writable' ? green(text) : kind === 'ended' ? red(text) : text;
  console.log(`${dim(time)} ${memberName(member)} ${words}`);
}

function memberName(member: number): string {
  return (paint[member % paint.length] as (text: string) => string)(`member ${member}`);
}

async function resumeOrPlan(folder: string, members: number, port: number): Promise<SavedSet> {
  const file = join(folder, 'set.json');
  if (existsSync(file)) {
    const saved = JSON.parse(readFileSync(file, 'utf8')) as SavedSet;
    for (const taken of saved.ports) {
      if (!(await isPortFree(taken))) {
        throw new Error(
          `port ${taken} is taken, and the replica set in ${folder} lives there; end what holds it, or start another set with --data FOLDER`,
        );
      }
    }
    console.log(dim(`resuming the replica set in ${folder}`));
    return saved;
  }
  mkdirSync(folder, { recursive: true });
  const ports = await freePorts(port, members);
  if (ports.some((free, i) => free !== port + i)) {
    console.log(yellow(`some ports from ${port} are taken; using ${ports.join(', ')}`));
  }
  return { name: 'rs0', ports };
}

/** The words are wrong: exit code 2, as for options that parseArgs refuses. */
class OptionError extends Error {}

function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new OptionError(`${option} takes a whole number from ${min} to ${max}`);
  }
  return value;
}

main().catch((error: Error) => {
  console.error(`arkset: ${error.message}`);
  const isOption =
    error instanceof OptionError ||
    ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
  process.exit(isOption ? 2 : 1);
});
