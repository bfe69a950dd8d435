/**
 * Collections and indexes come and go, with documents in between. Nothing is expected of any single
 * answer; in the end the stores must be the same, and what their logs say.
 */
import type { Client, Fields } from './client.ts';
import { drawWriteConcern, type Workload } from './workload.ts';

const names = ['d0', 'd1', 'd2'];

export class DefinitionLoad implements Workload {
  readonly acknowledged = 0;
  #next = 0;

  async step(client: Client): Promise<void> {
    if (client.onlyReads) return;
    const { dice } = client.world;
    const name = dice.pick(names);
    const { writeConcern } = drawWriteConcern(client.world);
    await client.callPrimary({ ...this.#command(client, name), writeConcern });
  }

  #command(client: Client, name: string): Fields {
    const { dice } = client.world;
    const draw = dice.fraction();
    const _id = this.#next++;
    const q = { n: { $gte: dice.below(10) } };
    if (draw < 0.35) {
      const document = { _id, n: dice.below(10), tags: dice.chance(0.3) ? [1, _id] : _id };
      return { insert: name, documents: [document], ordered: false };
    }
    if (draw < 0.5) {
      const u = dice.chance(0.5) ? { $set: { tags: [_id, 2] } } : { $inc: { n: 1 } };
      return { update: name, updates: [{ q, u, multi: dice.chance(0.5) }] };
    }
    if (draw < 0.6) return { delete: name, deletes: [{ q, limit: dice.below(2) }] };
    if (draw < 0.75) {
      const field = dice.pick(['n', 'tags', 'absent']);
      const unique = field === 'tags' && dice.chance(0.3);
      const index = { key: { [field]: 1 }, name: `${field}_1`, unique };
      return { createIndexes: name, indexes: [index] };
    }
    if (draw < 0.83) return { dropIndexes: name, index: dice.pick(['*', 'n_1', 'tags_1']) };
    if (draw < 0.9) return { drop: name };
    if (draw < 0.95) return { create: name };
    const to = `test.${dice.pick(names)}`;
    const dropTarget = dice.chance(0.7);
    return { renameCollection: `test.${name}`, to, dropTarget, $db: 'admin' };
  }

  async check(): Promise<void> {}
}
