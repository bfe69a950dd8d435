import type { Gtid, Message, ReplyEffect } from '../../../src/ark/index.ts';
import { initialGtid } from '../../../src/ark/index.ts';
import { NodeClock } from './clock.ts';
import type { Disk } from './disk.ts';
import type { Log } from './log.ts';
import type { MemberView } from './protocol.ts';
import type { PullSession } from './replication.ts';

/** One machine: a disk, clocks and, while it runs, a process with a member in it. */
export class Node<M> {
  /** Also the member id in configurations. */
  readonly id: number;
  readonly host: string;
  readonly disk: Disk;
  readonly clock = new NodeClock();

  // --- the process; gone with it

  member: M | undefined;
  view: MemberView | undefined;
  /** Rises when the process starts and when it ends: what an earlier life has planned does not happen. */
  life = 0;
  log: Log;
  commitPoint: Gtid = initialGtid;
  persistedToken = 0;
  /** Messages that wait for a token. */
  held: { readonly token: number; readonly message: Message; readonly to: number }[] = [];
  isFlushing = false;
  /** When the planned tick comes, on virtual time. */
  tickAt = Number.POSITIVE_INFINITY;
  /** Stopped (SIGSTOP): what would have happened meanwhile waits here. */
  isPaused = false;
  readonly stalled: (() => void)[] = [];
  /** Answers to commands, by command number. */
  readonly replies = new Map<number, ReplyEffect>();
  /** Whom it pulls from, and who pulls from it. */
  pulling: PullSession<M> | undefined;
  readonly serving = new Set<PullSession<M>>();
  /** Orders to pull, roll back or copy: the newest counts. */
  order = 0;

  constructor(id: number, disk: Disk) {
    this.id = id;
    this.host = `n${id}:1`;
    this.disk = disk;
  }

  /** A process starts from what is on the disk. */
  begin(): void {
    this.life += 1;
    this.log = this.disk.durable;
    this.commitPoint = initialGtid;
    this.persistedToken = 0;
    this.held = [];
    this.isFlushing = false;
    this.tickAt = Number.POSITIVE_INFINITY;
    this.isPaused = false;
  }

  end(): void {
    this.member = undefined;
    this.view = undefined;
    this.life += 1;
    this.stalled.length = 0;
  }
}
