/**
 * Unique documents go in, some go out again: what was acknowledged by enough members stays (A1, A2),
 * and majority reads show nothing that is taken back later (A4).
 */
import { inspect } from 'node:util';
import { Long } from 'bson';
import type { World } from '../world.ts';
import type { Client, Fields } from './client.ts';
import { outcomeOf, writeErrorsOf } from './outcome.ts';
import { drawWriteConcern, type Workload } from './workload.ts';

type Fate = 'asked' | 'in' | 'refused' | 'deleting' | 'out';

interface CursorReply {
  readonly id: number | bigint;
  readonly firstBatch?: readonly Fields[];
  readonly nextBatch?: readonly Fields[];
}

const collection = 'things';
/** A reader is slow: its cursor lives through what happens to the member meanwhile. */
const cursorPauseMs = 1000;

export class SetLoad implements Workload {
  readonly #fates = new Map<string, Fate>();
  readonly #seenCommitted = new Set<string>();
  #next = 0;
  acknowledged = 0;

  async step(client: Client): Promise<void> {
    const { dice } = client.world;
    const draw = dice.fraction();
    if (client.onlyReads) await this.#read(client);
    else if (draw < 0.7) await this.#insert(client);
    else if (draw < 0.8) await this.#delete(client);
    else await this.#read(client);
  }

  async #insert(client: Client): Promise<void> {
    const { world } = client;
    const count = world.dice.chance(0.2) ? 1 + world.dice.below(4) : 1;
    const ids = Array.from({ length: count }, () => `${client.name}.${this.#next++}`);
    for (const id of ids) this.#fates.set(id, 'asked');
    const { writeConcern, isSafe } = drawWriteConcern(world);
    const documents = ids.map((_id) => ({ _id }));
    const command = { insert: collection, documents, writeConcern };
    const isRetryable = world.dice.chance(0.5);
    const { answer, mayBeDone } = isRetryable
      ? await client.writeOnce(command)
      : { answer: await client.callPrimary(command), mayBeDone: false };
    const outcome = outcomeOf(answer);
    if (answer.kind === 'reply' && writeErrorsOf(answer.reply).length > 0) {
      world.fail(
        `insert of new documents failed, as when it runs again (A11): ${inspect(answer.reply)}`,
      );
    }
    if (outcome === 'acknowledged' && isSafe) {
      this.acknowledged += ids.length;
      for (const id of ids) this.#fates.set(id, 'in');
    } else if (outcome === 'refused' && !mayBeDone) {
      for (const id of ids) this.#fates.set(id, 'refused');
    }
  }

  async #delete(client: Client): Promise<void> {
    const own = [...this.#fates].filter(
      ([id, fate]) => fate === 'in' && id.startsWith(`${client.name}.`),
    );
    if (own.length === 0) return;
    const [_id] = client.world.dice.pick(own);
    this.#fates.set(_id, 'deleting');
    const { writeConcern, isSafe } = drawWriteConcern(client.world);
    const answer = await client.callPrimary({
      delete: collection,
      deletes: [{ q: { _id }, limit: 1 }],
      writeConcern,
    });
    const outcome = outcomeOf(answer);
    if (outcome === 'acknowledged' && isSafe) this.#fates.set(_id, 'out');
    else if (outcome === 'refused') this.#fates.set(_id, 'in');
  }

  async #read(client: Client): Promise<void> {
    const isCommitted = client.world.dice.chance(0.8);
    const host = client.anyHost();
    const answer = await client.call(host, {
      find: collection,
      projection: { _id: 1 },
      sort: { $natural: -1 },
      limit: 20,
      batchSize: 3,
      readConcern: { level: isCommitted ? 'majority' : 'local' },
      $readPreference: { mode: 'nearest' },
    });
    for (let next = answer; next.kind === 'reply' && next.reply.ok === 1; ) {
      const { id, firstBatch, nextBatch } = next.reply.cursor as CursorReply;
      for (const { _id } of firstBatch ?? nextBatch ?? []) {
        if (isCommitted) this.#seenCommitted.add(String(_id));
      }
      if (Number(id) === 0) return;
      await client.world.timeline.sleep(cursorPauseMs * client.world.dice.fraction());
      next = await client.call(host, {
        getMore: Long.fromBigInt(BigInt(id)),
        collection,
        batchSize: 3,
      });
    }
  }

  async check(world: World, documents: (name: string) => Promise<Fields[]>): Promise<void> {
    const present = new Set((await documents(collection)).map(({ _id }) => String(_id)));
    for (const [id, fate] of this.#fates) {
      const isThere = present.has(id);
      if (fate === 'in' && !isThere) world.fail(`${id} was acknowledged and is lost (A1)`);
      if (fate === 'out' && isThere) world.fail(`${id} was deleted and is there (A1)`);
      if (fate === 'refused' && isThere) world.fail(`${id} was refused and is there (A2)`);
    }
    for (const id of present) {
      if (!this.#fates.has(id)) world.fail(`${id} is there and nobody has inserted it`);
    }
    for (const id of this.#seenCommitted) {
      const fate = this.#fates.get(id);
      if (!present.has(id) && fate !== 'out' && fate !== 'deleting') {
        world.fail(`${id} was seen by a majority read and is gone (A4)`);
      }
    }
  }
}
