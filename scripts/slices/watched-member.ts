/**
 * One member in a process of its own that tells how long its event loop was held up.
 *
 * `watched-member.ts <port> <folder>`; over IPC: `reset` begins a measurement, `read` ends it with
 * `Pauses`, `stop` ends the member.
 *
 * The machine has other things to do, so the time the loop's thread spent on a processor is told
 * apart from the time it waited for one or for the disk (Linux: schedstat).
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { Member } from '../../src/cluster/member.ts';
import { silentLog } from '../../src/log.ts';

/** Milliseconds between two turns of the event loop. */
export interface Pauses {
  /** By the clock. */
  readonly maxMs: number;
  /** Of the longest, what was neither work nor waiting for a processor: the disk. */
  readonly blockedMs: number;
  /** Work only. */
  readonly maxWorkMs: number;
  readonly p999WorkMs: number;
  /** Turns whose work alone was longer than `sliceMaxMs`, of `turns`. */
  readonly longTurns: number;
  readonly turns: number;
}

/** What nothing may hold the main thread for: the members' heartbeats are on it. */
const sliceMaxMs = 20;

export type Request =
  | { readonly kind: 'reset'; readonly profile: boolean }
  | { readonly kind: 'read'; readonly profileTo: string | undefined }
  | { readonly kind: 'stop' };

const [port = '', folder = ''] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const member = await Member.start({
  port: Number(port),
  bindIp: ['127.0.0.1'],
  replSet: 'slices',
  storageEngine: 'lmdb',
  dbPath: folder,
  oplogSizeMB: 1024,
  log: silentLog(),
});

interface Clock {
  readonly wallMs: number;
  readonly workMs: number;
  readonly waitMs: number;
}

function readClock(): Clock {
  const [work, wait] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(
    ' ',
  );
  return { wallMs: performance.now(), workMs: Number(work) / 1e6, waitMs: Number(wait) / 1e6 };
}

let last = readClock();
let turns: Clock[] = [];

function tick(): void {
  const now = readClock();
  turns.push({
    wallMs: now.wallMs - last.wallMs,
    workMs: now.workMs - last.workMs,
    waitMs: now.waitMs - last.waitMs,
  });
  last = now;
  setTimeout(tick, 1);
}
tick();

function pauses(): Pauses {
  const longest = turns.reduce((a, b) => (b.wallMs > a.wallMs ? b : a));
  const work = turns.map(({ workMs }) => workMs).sort((a, b) => a - b);
  return {
    maxMs: longest.wallMs,
    blockedMs: Math.max(0, longest.wallMs - longest.workMs - longest.waitMs),
    maxWorkMs: work.at(-1) as number,
    p999WorkMs: work[Math.floor(work.length * 0.999)] as number,
    longTurns: work.filter((ms) => ms > sliceMaxMs).length,
    turns: work.length,
  };
}

const inspector = new Session();

async function answer(request: Request): Promise<Pauses | undefined> {
  switch (request.kind) {
    case 'reset':
      if (request.profile) {
        inspector.connect();
        await inspector.post('Profiler.enable');
        await inspector.post('Profiler.setSamplingInterval', { interval: 250 });
        await inspector.post('Profiler.start');
      }
      turns = [];
      last = readClock();
      return undefined;
    case 'read': {
      const found = pauses();
      if (request.profileTo !== undefined) {
        const { profile } = await inspector.post('Profiler.stop');
        inspector.disconnect();
        await writeFile(request.profileTo, JSON.stringify(profile));
      }
      return found;
    }
    case 'stop':
      await member.stop();
      process.disconnect();
      return undefined;
  }
}

process.on('message', (request: Request) => {
  void answer(request).then((found) => {
    if (process.connected) process.send?.(found ?? {});
  });
});
process.on('disconnect', () => process.exit(0));
process.send?.('listening');
