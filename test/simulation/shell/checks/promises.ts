/**
 * What leaves a member must be on its disk before (I9): a granted vote, an acknowledged position. And
 * what its disk says it has voted in never falls (I7).
 */
import { compareGtids, formatGtid, initialGtid, type Message } from '../../../../src/ark/index.ts';
import { gtidFromBytes, gtidToBytes } from '../../../../src/database/index.ts';
import { heldBeforeInitialSync, readRollbackId } from '../../../../src/replication/member-local.ts';
import { entryAt, firstEntry } from '../../../../storage/index.ts';
import type { Machine } from '../machine.ts';
import type { World } from '../world.ts';

export class Promises {
  readonly #world: World;
  readonly #votedTerms = new WeakMap<Machine, number>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Called when a message is handed to the network. */
  leaves(host: string, message: Message): void {
    const member = this.#world.members.find((one) => one.host === host);
    if (member === undefined) return;
    const { machine, id } = member;
    const votedTerm = votedTermOf(machine);
    if (votedTerm < (this.#votedTerms.get(machine) ?? 0)) {
      this.#world.fail(`the disk of member ${id} has forgotten a vote (I7)`);
    }
    this.#votedTerms.set(machine, votedTerm);
    if (message.kind === 'voteAnswer' && message.granted && votedTerm < message.electionTermId) {
      const { electionTermId } = message;
      this.#world.fail(`member ${id} says yes in term ${electionTermId} before its disk does (I9)`);
    }
    for (const { position, rollbackId } of acknowledgedBy(message)) {
      // What was said before a rollback was true then, and may still be told.
      if (rollbackId < readRollbackId(machine.engine) || holds(machine, position)) continue;
      const what = formatGtid(position);
      this.#world.fail(`member ${id} acknowledges ${what}, which its disk does not hold (I9)`);
    }
  }
}

function votedTermOf({ durableState }: Machine): number {
  const vote = durableState.read().vote as { readonly term: number } | undefined;
  return vote?.term ?? 0;
}

/** Its own positions. */
function acknowledgedBy(message: Message) {
  switch (message.kind) {
    case 'positionReport':
      return message.positions.filter(({ member }) => member === message.from);
    case 'heartbeatRequest':
    case 'heartbeatAnswer':
      return message.status.acknowledged === undefined ? [] : [message.status.acknowledged];
    default:
      return [];
  }
}

function holds({ engine }: Machine, position: { term: number; opid: number }): boolean {
  if (compareGtids(position, initialGtid) === 0) return true;
  if (entryAt(engine.latest, gtidToBytes(position)) !== undefined) return true;
  // A copy that replaces it must reach what was held before, and counts for nothing until then.
  if (compareGtids(position, heldBeforeInitialSync(engine)) <= 0) return true;
  const oldest = firstEntry(engine.latest);
  return oldest !== undefined && compareGtids(position, gtidFromBytes(oldest.gtid)) < 0;
}
