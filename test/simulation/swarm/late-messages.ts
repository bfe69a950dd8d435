import { configVersionOf, type Input, type Message } from '../../../src/ark/index.ts';
import { lastGtid, type Node, type World } from '../world/index.ts';

/** How many of each kind are remembered. */
export const keptMessages = 8;

interface Sent {
  readonly to: number;
  readonly message: Message;
}

/** Remembers the newest messages of each kind, so that one of them can arrive once more when nobody thinks of it any longer. */
export class LateMessages<M> {
  readonly #world: World<M>;
  readonly #sent = new Map<Message['kind'], Sent[]>();

  constructor(world: World<M>) {
    this.#world = world;
    world.watchers.onSend.push((_node, message, to) => this.#remember({ to: to.id, message }));
  }

  /** The `back`-th newest of that kind arrives now; false if there is none, or nobody to receive it. */
  deliver(kind: Message['kind'], back: number): boolean {
    const sent = this.#sent.get(kind)?.at(-1 - back);
    if (sent === undefined) return false;
    const node = this.#world.node(sent.to);
    if (node.member === undefined || node.isPaused) return false;
    const { message } = sent;
    this.#world.feed(node.id, { kind: 'message', message, now: this.#world.ownNow(node) });
    return true;
  }

  #remember(sent: Sent): void {
    const { kind } = sent.message;
    const known = this.#sent.get(kind);
    if (known === undefined) this.#sent.set(kind, [sent]);
    else if (known.push(sent) > keptMessages) known.shift();
  }
}

/** A request of somebody who belongs to no set, or another. */
export function strangersRequest<M>(world: World<M>, node: Node<M>, set: string): Input {
  return {
    kind: 'message',
    now: world.ownNow(node),
    message: {
      kind: 'voteRequest',
      set,
      from: set === '' ? -1 : 0,
      fromHost: 'stranger:1',
      to: node.id,
      incarnation: 'stranger',
      term: 99,
      config: { version: 1, term: 1, admission: 0 },
      attempt: 'stranger',
      electionTermId: 99,
      lastEntry: { term: 99, opid: 0 },
      handoff: true,
    },
  };
}

/** `from` has once stepped down in favour of this node, with the log that it has now, and only now the node hears of it. */
export function lateStandNow<M>(world: World<M>, node: Node<M>, from: number): Input {
  const sender = world.node(from);
  return {
    kind: 'message',
    now: world.ownNow(node),
    message: {
      kind: 'standNow',
      set: node.view?.config?._id ?? '',
      from,
      fromHost: sender.host,
      to: node.id,
      incarnation: sender.disk.incarnation,
      term: node.view?.maxKnownTermId ?? 0,
      config: configVersionOf(node.view?.config),
      catchUpTo: lastGtid(sender.log),
    },
  };
}
