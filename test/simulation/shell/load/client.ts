/** A driver and its application in one: connections, a session, and a guess who is primary. */
import { Binary, Long } from 'bson';
import { decodeDocument, encodeDocument } from '../../../../src/bson/index.ts';
import { Connection } from '../connection.ts';
import { bytesFrom } from '../server.ts';
import type { World } from '../world.ts';
import { isNotPrimary, isRetryable, outcomeOf } from './outcome.ts';

export type Fields = Record<string, unknown>;

export type Answer =
  | { readonly kind: 'reply'; readonly reply: Fields }
  /** Nobody has received the request. */
  | { readonly kind: 'refused' }
  /** The connection broke or the time was over: it may have been executed. */
  | { readonly kind: 'lost' };

const callTimeoutMs = 4000;
const attemptsMax = 6;
const retryDelayMs = 150;

export class Client {
  readonly world: World;
  readonly name: string;
  readonly lsid: Fields;
  /** Writes can block all who write for long; somebody must be there to look meanwhile. */
  readonly onlyReads: boolean;
  #txnNumber = 0;
  /** The newest times replies have told of, as a session remembers them. */
  clusterTime: unknown;
  operationTime: unknown;
  #primary: string;
  readonly #connections = new Map<string, Connection>();

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
    this.onlyReads = world.dice.chance(0.25);
    this.lsid = { id: new Binary(bytesFrom(world.dice, 16), 4) };
    this.#primary = this.anyHost();
  }

  #nextTxnNumber(): Long {
    this.#txnNumber++;
    return Long.fromNumber(this.#txnNumber);
  }

  anyHost(): string {
    return this.world.dice.pick(this.world.members).host;
  }

  /** The answer of the member taken for primary; who refuses is asked no more at first. */
  async callPrimary(command: Fields): Promise<Answer> {
    const answer = await this.call(this.#primary, command);
    if (answer.kind !== 'reply' || isNotPrimary(answer.reply)) {
      // As drivers do, by other means: they learn of a new primary soon after it is one.
      const known = this.world.dice.chance(0.7) ? this.world.primaries : [];
      this.#primary = known.length > 0 ? this.world.dice.pick(known).host : this.anyHost();
    }
    return answer;
  }

  /** The same as a retryable write: sent again, with the same number, as long as it may not be done. */
  async writeOnce(
    command: Fields,
  ): Promise<{ readonly answer: Answer; readonly mayBeDone: boolean }> {
    const numbered = { ...command, lsid: this.lsid, txnNumber: this.#nextTxnNumber() };
    let answer: Answer = { kind: 'lost' };
    let mayBeDone = false;
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      if (attempt > 0) await this.world.timeline.sleep(retryDelayMs);
      answer = await this.callPrimary(numbered);
      if (!isRetryable(answer)) break;
      mayBeDone ||= outcomeOf(answer) === 'unknown';
    }
    return { answer, mayBeDone };
  }

  call(host: string, command: Fields): Promise<Answer> {
    const request = encodeDocument({
      ...command,
      $db: command.$db ?? 'test',
      $clusterTime: this.clusterTime,
    });
    const connection = this.#connection(host);
    return new Promise((resolve) => {
      let isOver = false;
      const finish = (answer: Answer, isGone: boolean) => {
        if (isOver) return;
        isOver = true;
        cancel();
        if (isGone) {
          connection.close();
          this.#connections.delete(host);
        }
        resolve(answer);
      };
      const cancel = this.world.timeline.after(callTimeoutMs, () => finish({ kind: 'lost' }, true));
      connection.send(request, {
        reply: (bytes) => {
          const reply = decodeDocument(bytes);
          this.clusterTime = reply.$clusterTime ?? this.clusterTime;
          this.operationTime = reply.operationTime ?? this.operationTime;
          finish({ kind: 'reply', reply }, false);
        },
        gone: (wasRefused) => finish({ kind: wasRefused ? 'refused' : 'lost' }, true),
      });
    });
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.close();
    this.#connections.clear();
  }

  #connection(host: string): Connection {
    let connection = this.#connections.get(host);
    if (connection === undefined || !connection.isOpen) {
      connection = new Connection(this.world.network, this.name, host, (run) => run());
      this.#connections.set(host, connection);
    }
    return connection;
  }
}
