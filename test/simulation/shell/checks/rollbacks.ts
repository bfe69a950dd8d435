/**
 * What rollbacks save must be what they remove, no more and no less (A6): every document version that
 * an undone entry had made. A rollback that a crash interrupts may save again what it had saved.
 */
import { compareGtids, type Gtid } from '../../../../src/ark/index.ts';
import { findField } from '../../../../src/bson/index.ts';
import { entryGtid, gtidToBytes } from '../../../../src/database/index.ts';
import { type ReadOperation, readEntry } from '../../../../src/database/oplog/oplog-entry.ts';
import { type Reader, scanOplog } from '../../../../storage/index.ts';
import type { SimulatedMember } from '../member.ts';
import type { Server } from '../server.ts';
import type { World } from '../world.ts';

interface MemberRollbacks {
  /** How often each version was undone. */
  readonly undone: Map<string, number>;
  /** The same with those of slices whose end nobody saw. */
  readonly attempted: Map<string, number>;
}

export class Rollbacks {
  readonly #world: World;
  readonly #members = new Map<SimulatedMember, MemberRollbacks>();
  entries = 0;

  constructor(world: World) {
    this.#world = world;
  }

  started(member: SimulatedMember, { database, replicaSet }: Server): void {
    const undo = database.undoSlice.bind(database);
    database.undoSlice = async (target, ...rest) => {
      const log = entriesAfter(database.engine.latest, target);
      const { undone, attempted } = this.#of(member);
      for (const { bytes } of log) for (const name of versionsIn(bytes)) add(attempted, name);
      const slice = await undo(target, ...rest);
      for (const { gtid, bytes } of log) {
        if (slice.last !== undefined && compareGtids(gtid, slice.last) <= 0) continue;
        this.entries++;
        if (compareGtids(gtid, replicaSet.commitPoint) <= 0) {
          this.#world.fail(`member ${member.id} has undone what it called committed (I4)`);
        }
        for (const name of versionsIn(bytes)) add(undone, name);
      }
      return slice;
    };
  }

  /** The disk is gone, and with it the files. */
  wiped(member: SimulatedMember): void {
    this.#members.delete(member);
  }

  check(): void {
    for (const member of this.#world.members) {
      const { undone, attempted } = this.#of(member);
      const saved = new Map<string, number>();
      for (const { uuid, document } of member.saved) add(saved, versionName(uuid, document));
      for (const [name, count] of undone) {
        if ((saved.get(name) ?? 0) < count) {
          this.#world.fail(`member ${member.id} has undone ${name} and not saved it (A6)`);
        }
      }
      for (const [name, count] of saved) {
        if ((attempted.get(name) ?? 0) < count) {
          this.#world.fail(`member ${member.id} has saved ${name} and not undone it (A6)`);
        }
      }
    }
  }

  #of(member: SimulatedMember): MemberRollbacks {
    let rollbacks = this.#members.get(member);
    if (rollbacks === undefined) {
      rollbacks = { undone: new Map(), attempted: new Map() };
      this.#members.set(member, rollbacks);
    }
    return rollbacks;
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function entriesAfter(reader: Reader, target: Gtid): { gtid: Gtid; bytes: Buffer }[] {
  const entries: { gtid: Gtid; bytes: Buffer }[] = [];
  const cursor = scanOplog(reader, { after: gtidToBytes(target) });
  while (cursor.next()) {
    const { buffer, start } = cursor;
    const bytes = Buffer.from(buffer.subarray(start, start + buffer.readInt32LE(start)));
    entries.push({ gtid: entryGtid(bytes), bytes });
  }
  cursor.close();
  return entries;
}

/** Names of the document versions an entry made: by collection and `_id`. */
function versionsIn(entry: Buffer): string[] {
  return readEntry(entry).operations.flatMap((operation) => {
    const named = documentNaming(operation);
    return named === undefined || operation.ui === undefined
      ? []
      : [versionName(operation.ui, named)];
  });
}

function documentNaming({ op, o, o2 }: ReadOperation): Buffer | undefined {
  const value = op === 'i' ? o : op === 'u' ? o2 : undefined;
  return value?.buffer.subarray(value.start, value.end);
}

function versionName(uuid: Buffer, document: Buffer): string {
  const id = findField(document, 0, '_id');
  const text = id?.buffer.toString('latin1', id.start, id.end);
  return `${uuid.toString('hex')} ${JSON.stringify(text)}`;
}
