/** A mongosh session as a person types it: lines into standard input, claims about what it prints. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

interface TypedLine {
  readonly line: string;
  /** What the shell must have printed before its next prompt. */
  readonly shows: RegExp;
}

const timeoutMs = 60_000;

/** Words no line of a session may print. */
const failureWords = /\bMongo\w*Error|\bUncaught\b|\bno such\b|\bnot implemented\b|\[COMMON-/i;

const session: readonly TypedLine[] = [
  { line: 'show dbs', shows: /local\s+\d/ },
  { line: 'use typed', shows: /switched to db typed/ },
  { line: 'db.c.drop()', shows: /true|false/ },
  {
    line: 'db.c.insertMany(Array.from({ length: 45 }, (_, i) => ({ _id: i, x: "v" + i }))).acknowledged',
    shows: /true/,
  },
  { line: 'show collections', shows: /\bc\b/ },
  { line: 'db.c.find()', shows: /_id: 19[\s\S]*?Type "it" for more/ },
  { line: 'it', shows: /_id: 39[\s\S]*?Type "it" for more/ },
  { line: 'it', shows: /_id: 44[\s\S]*?\]/ },
  { line: 'db.c.find({ x: "v7" }).explain().queryPlanner.winningPlan.stage', shows: /COLLSCAN/ },
  { line: 'rs.status().ok', shows: /\b1\b/ },
  { line: 'rs.conf().members.length', shows: /\b3\b/ },
  { line: 'db.currentOp().ok', shows: /\b1\b/ },
  { line: 'db.serverStatus().repl.setName', shows: /rs0/ },
  { line: 'show logs', shows: /startupWarnings/ },
  { line: 'show users', shows: /\[\]/ },
  { line: 'show profile', shows: /system\.profile is empty/ },
  { line: 'c = rs.conf(); c.members[2].votes = 0; c.members[2].priority = 0', shows: /\b0\b/ },
  { line: 'c.members[2].hidden = true; rs.reconfig(c).ok', shows: /\b1\b/ },
  { line: 'db.hello().hosts.length', shows: /\b2\b/ },
  { line: 'c = rs.conf(); c.members[2].votes = 1; c.members[2].priority = 1', shows: /\b1\b/ },
  { line: 'c.members[2].hidden = false; rs.reconfig(c).ok', shows: /\b1\b/ },
  {
    line: 'for (let i = 0; i < 50 && db.hello().hosts.length < 3; i++) sleep(100)',
    shows: /(?:)/,
  },
  { line: 'rs.add({ host: "127.0.0.1:1", votes: 0, priority: 0, hidden: true }).ok', shows: /1/ },
  { line: 'rs.remove("127.0.0.1:1").ok', shows: /\b1\b/ },
  { line: 'rs.conf().members.length', shows: /\b3\b/ },
];

/** The last words: the member goes away, and the shell may say so. */
const farewell = ['use admin', 'db.shutdownServer({ force: true })', 'exit'];

/**
 * Types the session to a shell for the whole set, then the end of one member to a shell of its own.
 * True when every line printed what it should.
 */
export async function runTypedSession(
  shell: string,
  folder: string,
  uri: string,
): Promise<boolean> {
  const printed = await type(shell, folder, uri, [...session.map(({ line }) => line), 'exit']);
  let rest = printed;
  let holds = true;
  const failure = failureWords.exec(printed);
  if (failure !== null) {
    console.log(`  typed session: prints "${failure[0]}"`);
    holds = false;
  }
  for (const { line, shows } of session) {
    const found = shows.exec(rest);
    if (found === null) {
      console.log(`  ${line}: does not print ${shows}`);
      holds = false;
      break;
    }
    rest = rest.slice(found.index + found[0].length);
  }
  const host = /,([^/,]+)\//.exec(uri)?.[1];
  const end = await type(shell, folder, `mongodb://${host}/?directConnection=true`, farewell);
  if (!/switched to db admin/.test(end)) {
    console.log(end);
    holds = false;
  }
  if (!holds) console.log(printed);
  else console.log('typed mongosh session: ok');
  return holds;
}

async function type(
  shell: string,
  folder: string,
  uri: string,
  lines: readonly string[],
): Promise<string> {
  const child = spawn(shell, [uri], {
    cwd: folder,
    env: { ...process.env, HOME: folder },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: timeoutMs,
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    printed += chunk;
  });
  child.stdin.end(`${lines.join('\n')}\n`);
  await once(child, 'close');
  return printed;
}
