import type { Member, Message } from '../../src/ark/index.ts';
import { Actor, type Outcome } from './actor.ts';
import type { Setting } from './embedding.ts';
import type { LocalStates } from './local-state.ts';
import type { Reaction } from './reactions.ts';

/*
 * Transitions in which several members speak with each other and only the first of them changes: they ask and answer with the
 * real `step`, one after the other, at one moment.
 */

export class Conversations {
  readonly #setting: Setting;
  readonly #locals: LocalStates;
  readonly #known = new Map<string, Reaction>();

  constructor(setting: Setting, locals: LocalStates) {
    this.#setting = setting;
    this.#locals = locals;
  }

  /** A speculative round among those who hear each other, given as a mask, at a time when nobody hears a primary. */
  standSpeculatively(members: readonly number[], self: number, heard: number): Reaction {
    return this.#remembered('stand', members, self, heard, () => {
      const actor = this.#actor(members, self);
      const { member } = actor;
      for (const [id, peer] of Object.entries(member.peers))
        if (((heard >> Number(id)) & 1) === 0) peer.answeredAt = undefined;
      member.standNotBefore = member.now;
      // The sleep of equal candidates is over.
      member.sleptLast = true;
      member.role = { kind: 'secondary' };
      actor.feed({ kind: 'tick', random: 0 });
      for (const request of ofKind(actor.sent, 'speculativeVoteRequest')) {
        if (((heard >> request.to) & 1) === 0) continue;
        const other = this.#actor(members, request.to);
        other.feed({ kind: 'message', message: request });
        for (const answer of ofKind(other.sent, 'speculativeVoteAnswer'))
          actor.feed({ kind: 'message', message: answer });
      }
      return isVoting(member) ? actor : undefined;
    });
  }

  /** It hears from the members in the mask what they are and have, and chooses whom to copy from. */
  chooseSource(members: readonly number[], self: number, heard: number): Reaction {
    return this.#remembered('choose', members, self, heard, () => {
      const actor = this.#actor(members, self);
      this.#exchangeHeartbeats(members, actor, heard);
      return actor;
    });
  }

  /** A linearizable read, and what the others answer to the heartbeats after it; `confirmed` if that proves that it read the newest. */
  confirmLead(members: readonly number[], self: number): Reaction {
    return this.#remembered('confirm', members, self, 0, () => {
      const actor = this.#actor(members, self);
      const { member } = actor;
      if (member.role.kind !== 'primary') return undefined;
      // It was committed here.
      member.commitPoint = member.lastEntry;
      // Everything it asked before the read has been answered.
      for (const peer of Object.values(member.peers))
        peer.answeredSequence = member.nextHeartbeatSequence - 1;
      actor.feed({ kind: 'confirmLead', command: 1, term: member.role.term });
      this.#exchangeHeartbeats(members, actor, -1);
      return actor;
    });
  }

  /** Who knows the lowest term answers first, so whatever can still be had from a low term is had. */
  #exchangeHeartbeats(members: readonly number[], actor: Actor, heard: number): void {
    if (ofKind(actor.sent, 'heartbeatRequest').length === 0)
      actor.feed({ kind: 'tick', random: 0 });
    const answers: Message[] = [];
    for (const request of ofKind(actor.sent, 'heartbeatRequest')) {
      if (((heard >> request.to) & 1) === 0) continue;
      const other = this.#actor(members, request.to);
      other.feed({ kind: 'message', message: request });
      answers.push(...ofKind(other.sent, 'heartbeatAnswer'));
    }
    for (const answer of answers.toSorted((a, b) => a.term - b.term))
      actor.feed({ kind: 'message', message: answer });
  }

  #actor(members: readonly number[], id: number): Actor {
    return new Actor(this.#setting, id, this.#locals.at(members[id]!));
  }

  #remembered(
    what: string,
    members: readonly number[],
    self: number,
    heard: number,
    talk: () => Actor | undefined,
  ): Reaction {
    const key = `${what},${self},${heard},${members.join()}`;
    let reaction = this.#known.get(key);
    if (reaction === undefined) {
      const actor = talk();
      const local = actor === undefined ? members[self]! : this.#locals.idOf(actor.local());
      reaction = { ...(actor?.outcome ?? nothing), local };
      this.#known.set(key, reaction);
    }
    return reaction;
  }
}

function isVoting({ role }: Member): boolean {
  return role.kind === 'candidate' && role.phase.name === 'voting';
}

const nothing: Outcome = {
  granted: false,
  held: false,
  acknowledged: 0,
  acknowledgedWith: 0,
  commitPoint: 0,
  counted: 0,
  confirmed: false,
  fatal: undefined,
};

function ofKind<K extends Message['kind']>(messages: readonly Message[], kind: K) {
  return messages.filter(
    (message): message is Extract<Message, { kind: K }> => message.kind === kind,
  );
}
