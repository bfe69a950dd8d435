/**
 * What must hold of the members after every event, seen from outside: the names I1, I3 ... are
 * those of the project's list of invariants. What is committed is remembered here for ever.
 */
import {
  compareGtids,
  formatGtid,
  type Gtid,
  initialGtid,
  writeMajority,
} from '../../../../src/ark/index.ts';
import {
  entryGtid,
  entryHash,
  gtidFromBytes,
  gtidToBytes,
} from '../../../../src/database/index.ts';
import { entryAt, firstEntry, scanOplog } from '../../../../storage/index.ts';
import type { SimulatedMember } from '../member.ts';
import type { Server } from '../server.ts';
import type { World } from '../world.ts';

interface Watched {
  readonly member: SimulatedMember;
  readonly server: Server;
  commitPoint: Gtid;
  maxVotedTermId: number;
  wasWritable: boolean;
  /** Committed before it became writable: must be in its log as soon as that is durable so far. */
  owes: Gtid | undefined;
}

export class Invariants {
  readonly #world: World;
  readonly #watched = new Map<Server, Watched>();
  /** Term -> which life of which member is its primary (I1). */
  readonly #primaryOfTerm = new Map<number, string>();
  /** Every entry ever seen: a GTID is handed out once (I6). */
  readonly #hashes = new Map<string, bigint>();
  /** Every commit point any member has told of. */
  readonly #committed = new Map<string, Gtid>();
  #newestCommitted: Gtid = initialGtid;

  constructor(world: World) {
    this.#world = world;
  }

  get newestCommitted(): Gtid {
    return this.#newestCommitted;
  }

  started(member: SimulatedMember, server: Server): void {
    this.#watched.set(server, {
      member,
      server,
      commitPoint: initialGtid,
      maxVotedTermId: 0,
      wasWritable: false,
      owes: undefined,
    });
    const { database } = server;
    const tell = database.onAppended;
    database.onAppended = (entries) => {
      for (const { gtid, bytes } of entries) this.#entrySeen(member, gtid, entryHash(bytes));
      tell?.(entries);
    };
  }

  ended(_member: SimulatedMember, server: Server): void {
    this.#watched.delete(server);
  }

  check(): void {
    for (const watched of this.#watched.values()) this.#checkOne(watched);
  }

  /** At the end: every commit point ever told of is in this log (I5, A14). */
  checkCommittedIn(server: Server): void {
    for (const [name, gtid] of this.#committed) {
      if (isForgotten(server, gtid)) continue;
      if (entryAt(server.database.engine.latest, gtidToBytes(gtid)) === undefined) {
        this.#world.fail(`${name} was committed and is not in the log of ${server.host} (I5)`);
      }
    }
    for (const [name, hash] of logOf(server)) {
      if (this.#hashes.get(name) !== hash) {
        this.#world.fail(`${server.host} has another entry ${name} than was written (I6)`);
      }
    }
  }

  #checkOne(watched: Watched): void {
    const { member, server } = watched;
    const { ark } = server.replicaSet;
    if (ark.role.kind === 'primary') this.#checkPrimary(watched, ark.role.term);
    if (ark.maxVotedTermId < watched.maxVotedTermId) {
      this.#world.fail(`member ${member.id} has forgotten that it voted (I7)`);
    }
    watched.maxVotedTermId = ark.maxVotedTermId;
    const isWritable = server.replicaSet.role === 'primary';
    if (isWritable && !watched.wasWritable) watched.owes = this.#newestCommitted;
    watched.wasWritable = isWritable;
    if (watched.owes !== undefined) this.#checkHasCommitted(watched, watched.owes);
    if (ark.commitPoint !== watched.commitPoint) this.#commitPointMoved(watched, ark.commitPoint);
  }

  #checkPrimary({ member }: Watched, term: number): void {
    const life = `member ${member.id}, life ${member.lives}`;
    const known = this.#primaryOfTerm.get(term);
    if (known === undefined) this.#primaryOfTerm.set(term, life);
    else if (known !== life) {
      this.#world.fail(`two primaries in term ${term}: ${known} and ${life} (I1)`);
    }
  }

  #checkHasCommitted(watched: Watched, owed: Gtid): void {
    const { member, server } = watched;
    const { lastApplied, lastDurable } = server.replicaSet;
    const isMissing =
      compareGtids(lastApplied, owed) < 0 ||
      (compareGtids(lastDurable, owed) >= 0 && !this.#holds(server, owed));
    if (isMissing) {
      const { role, term } = server.replicaSet;
      const what = `${formatGtid(owed)}, which was committed, in term ${term} (I5)`;
      this.#world.fail(`member ${member.id} became ${role} without ${what}`);
    }
    if (isMissing || compareGtids(lastDurable, owed) >= 0) watched.owes = undefined;
  }

  #commitPointMoved(watched: Watched, commitPoint: Gtid): void {
    const { member } = watched;
    const step = compareGtids(commitPoint, watched.commitPoint);
    if (step < 0) {
      this.#world.fail(
        `the commit point of member ${member.id} fell from ${formatGtid(watched.commitPoint)} to ${formatGtid(commitPoint)} (I8)`,
      );
    }
    watched.commitPoint = commitPoint;
    if (step === 0) return;
    const isNew = compareGtids(commitPoint, this.#newestCommitted) > 0;
    this.#committed.set(formatGtid(commitPoint), commitPoint);
    if (!isNew) return;
    this.#newestCommitted = commitPoint;
    this.#checkOnMajority(watched, commitPoint);
  }

  /**
   * I3: on the disks of as many as its configuration asks for, when somebody first tells of it: a majority, or all that are left to hold
   * it. Disks that were lost since they told of it count: a member without its disk is another one until a primary has seen it caught up.
   */
  #checkOnMajority({ member, server }: Watched, gtid: Gtid): void {
    const { config } = server.replicaSet.ark;
    if (config === undefined) return;
    const voters = config.members.filter(({ votes }) => votes === 1);
    const holders = this.#world.members.filter(
      ({ id, machine, lostMachines }) =>
        voters.some(({ _id }) => _id === id) &&
        [machine, ...lostMachines].some(
          ({ engine }) => entryAt(engine.latest, gtidToBytes(gtid)) !== undefined,
        ),
    );
    if (holders.length < writeMajority(config)) {
      const who = holders.map(({ id }) => id).join();
      this.#world.fail(
        `member ${member.id} calls ${formatGtid(gtid)} committed, on the disks of [${who}] (I3)`,
      );
    }
  }

  #holds(server: Server, gtid: Gtid): boolean {
    if (compareGtids(gtid, initialGtid) === 0 || isForgotten(server, gtid)) return true;
    return entryAt(server.database.engine.latest, gtidToBytes(gtid)) !== undefined;
  }

  #entrySeen(member: SimulatedMember, gtid: Gtid, hash: bigint): void {
    const name = formatGtid(gtid);
    const known = this.#hashes.get(name);
    if (known === undefined) this.#hashes.set(name, hash);
    else if (known !== hash) {
      this.#world.fail(`member ${member.id} has another entry ${name} than others had (I6)`);
    }
  }
}

/** The log no longer reaches back so far. */
function isForgotten(server: Server, gtid: Gtid): boolean {
  const oldest = firstEntry(server.database.engine.latest);
  return oldest !== undefined && compareGtids(gtid, gtidFromBytes(oldest.gtid)) < 0;
}

function* logOf(server: Server): Iterable<readonly [string, bigint]> {
  const cursor = scanOplog(server.database.engine.latest);
  while (cursor.next()) {
    const entry = cursor.buffer.subarray(cursor.start);
    yield [formatGtid(entryGtid(entry)), entryHash(entry)] as const;
  }
  cursor.close();
}
