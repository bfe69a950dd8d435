/**
 * Registers that are written, compared and set, and read, all at the strongest settings: their
 * histories must be linearizable (A3), updates that change nothing (A13) among them.
 */
import { isLinearizable, type RegisterOperation } from '../checks/linearizability.ts';
import type { World } from '../world.ts';
import type { Answer, Client, Fields } from './client.ts';
import { documentsOf, outcomeOf } from './outcome.ts';
import type { Workload } from './workload.ts';

/** More than that on one register makes the search long, and finds no more. */
const operationsPerRegister = 40;
const registersAtATime = 2;
const collection = 'registers';

export class RegisterLoad implements Workload {
  readonly #histories = new Map<number, RegisterOperation[]>();
  /** What clients believe to be in a register. */
  readonly #guesses = new Map<number, string | undefined>();
  readonly #begun = new Map<number, number>();
  #first = 0;
  #next = 0;
  acknowledged = 0;

  async step(client: Client): Promise<void> {
    const { dice } = client.world;
    const register = this.#first + dice.below(registersAtATime);
    const begun = (this.#begun.get(register) ?? 0) + 1;
    this.#begun.set(register, begun);
    if (begun >= operationsPerRegister) this.#first += registersAtATime;
    const draw = dice.fraction();
    if (draw < 0.4 || client.onlyReads) await this.#read(client, register);
    else if (draw < 0.65) await this.#write(client, register);
    else if (draw < 0.8) await this.#compareAndSet(client, register, `v${this.#next++}`);
    else await this.#touch(client, register);
  }

  async #read(client: Client, register: number): Promise<void> {
    const calledAt = this.#now(client);
    const answer = await client.callPrimary({
      find: collection,
      filter: { _id: register },
      readConcern: { level: 'linearizable' },
    });
    if (answer.kind !== 'reply' || answer.reply.ok !== 1) return;
    const value = documentsOf(answer.reply)[0]?.v as string | undefined;
    this.#guesses.set(register, value);
    this.#note(register, { kind: 'read', value, calledAt, returnedAt: this.#now(client) });
  }

  async #write(client: Client, register: number): Promise<void> {
    const value = `v${this.#next++}`;
    const calledAt = this.#now(client);
    const answer = await client.callPrimary({
      update: collection,
      updates: [{ q: { _id: register }, u: { $set: { v: value } }, upsert: true }],
      writeConcern: this.#writeConcern(client),
    });
    const returnedAt = this.#returnedAt(client, answer);
    if (returnedAt === undefined) return;
    this.#guesses.set(register, value);
    this.#note(register, { kind: 'write', value, calledAt, returnedAt });
  }

  async #compareAndSet(client: Client, register: number, value: string): Promise<void> {
    const expected = this.#guesses.get(register);
    if (expected === undefined) return;
    const calledAt = this.#now(client);
    const answer = await client.callPrimary({
      update: collection,
      updates: [{ q: { _id: register, v: expected }, u: { $set: { v: value } } }],
      writeConcern: this.#writeConcern(client),
    });
    const returnedAt = this.#returnedAt(client, answer);
    if (returnedAt === undefined) return;
    const isKnown = returnedAt !== Number.POSITIVE_INFINITY;
    const wasSet = isKnown ? ((answer as { reply: Fields }).reply.n as number) === 1 : undefined;
    if (wasSet !== false) this.#guesses.set(register, value);
    this.#note(register, { kind: 'compareAndSet', expected, value, wasSet, calledAt, returnedAt });
  }

  /** Sets what it believes to be there: an update that finds its document and changes nothing. */
  async #touch(client: Client, register: number): Promise<void> {
    const guess = this.#guesses.get(register);
    if (guess !== undefined) await this.#compareAndSet(client, register, guess);
  }

  /** Undefined: certainly not done. */
  #returnedAt(client: Client, answer: Answer): number | undefined {
    const outcome = outcomeOf(answer);
    if (outcome === 'refused') return undefined;
    if (outcome === 'unknown') return Number.POSITIVE_INFINITY;
    this.acknowledged++;
    return this.#now(client);
  }

  #writeConcern(client: Client): Fields {
    return client.world.setup.trustsW1 ? { w: 1 } : { w: 'majority' };
  }

  #now({ world }: Client): number {
    return world.timeline.now;
  }

  #note(register: number, operation: RegisterOperation): void {
    const history = this.#histories.get(register);
    if (history === undefined) this.#histories.set(register, [operation]);
    else history.push(operation);
  }

  async check(world: World, documents: (name: string) => Promise<Fields[]>): Promise<void> {
    const remaining = new Map((await documents(collection)).map(({ _id, v }) => [_id, v]));
    const at = world.timeline.now;
    for (const [register, history] of this.#histories) {
      const value = remaining.get(register) as string | undefined;
      const last: RegisterOperation = { kind: 'read', value, calledAt: at, returnedAt: at };
      if (isLinearizable([...history, last])) continue;
      const told = history.map((operation) => JSON.stringify(operation)).join('\n');
      world.fail(`register ${register} is not linearizable (A3), ends as ${value}:\n${told}`);
    }
  }
}
