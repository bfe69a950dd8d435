import { Actor, incarnationOf, type Outcome, openAttempt, type Setting } from './actor.ts';
import type { LocalStates } from './local-state.ts';
import { positionOf } from './logs.ts';

/** What one member does, alone, in one transition of the checker. */
export type Act =
  | 'stand'
  | 'vote'
  | 'count'
  | 'append'
  | 'diverge'
  | 'undo'
  | 'noop'
  | 'write'
  | 'stepDown'
  | 'persist'
  | 'flush'
  | 'restart'
  | 'powerLoss'
  | 'hearFacts';

const acts: readonly Act[] = [
  'stand',
  'vote',
  'count',
  'append',
  'diverge',
  'undo',
  'noop',
  'write',
  'stepDown',
  'persist',
  'flush',
  'restart',
  'powerLoss',
  'hearFacts',
];

export interface Reaction extends Outcome {
  /** The local state after it. */
  readonly local: number;
}

/**
 * The real `step`, remembered. What a member does depends on its own state and the input alone, so one answer serves in every state of
 * the set in which that member meets that input: millions of transitions need some ten thousand calls.
 */
export class Reactions {
  readonly #setting: Setting;
  readonly #locals: LocalStates;
  readonly #known: Map<number, Reaction>[] = [];
  calls = 0;

  constructor(setting: Setting, locals: LocalStates) {
    this.#setting = setting;
    this.#locals = locals;
  }

  /** `param` is what the act needs to know, as a number (see `perform`). `eager`: disks take no time. */
  react(local: number, self: number, act: Act, param: number, eager: boolean): Reaction {
    const place = local * this.#setting.members + self;
    let known = this.#known[place];
    if (known === undefined) {
      known = new Map();
      this.#known[place] = known;
    }
    const key = (param * acts.length + acts.indexOf(act)) * 2 + (eager ? 1 : 0);
    let reaction = known.get(key);
    if (reaction === undefined) {
      reaction = this.#perform(local, self, act, param, eager);
      known.set(key, reaction);
    }
    return reaction;
  }

  #perform(local: number, self: number, act: Act, param: number, eager: boolean): Reaction {
    this.calls += 1;
    const before = this.#locals.at(local);
    const actor = new Actor(this.#setting, self, before);
    if (act === 'restart' || act === 'powerLoss') {
      const after = actor.restart(self, act === 'powerLoss');
      return { ...actor.outcome, local: this.#locals.idOf(after) };
    }
    this.#feed(actor, self, act, param);
    if (eager) {
      actor.flush();
      actor.persist();
      actor.outcome.held = false;
    }
    return { ...actor.outcome, local: this.#locals.idOf(actor.local()) };
  }

  #feed(actor: Actor, self: number, act: Act, param: number): void {
    const { member } = actor;
    const other = self === 0 ? 1 : 0;
    switch (act) {
      case 'stand':
        // A late message of a primary that has stepped down: no speculative round, so nobody can prevent the ballot.
        actor.hear(other, param, { kind: 'standNow', catchUpTo: { term: 0, opid: 0 } });
        return;
      case 'vote': {
        const { from, term, asked } = unpackRequest(param);
        actor.hear(from, term - 1, {
          kind: 'voteRequest',
          attempt: openAttempt,
          electionTermId: term,
          lastEntry: positionOf(asked),
          handoff: true,
        });
        return;
      }
      case 'count':
        this.#count(actor, param);
        return;
      case 'append':
        actor.append(positionOf(param & 0xff), undefined);
        return;
      case 'diverge': {
        const source = param & 0xff;
        member.sync.source = source;
        actor.feed({
          kind: 'fetched',
          source,
          outcome: 'diverged',
          sourceLastEntry: positionOf(param >> 8),
        });
        return;
      }
      case 'undo':
        actor.undo(positionOf(param >> 1), (param & 1) === 1);
        return;
      case 'noop':
        if (member.role.kind === 'primary') actor.append({ term: member.role.term, opid: 0 });
        return;
      case 'write':
        actor.append({ term: member.lastEntry.term, opid: member.lastEntry.opid + 1 });
        return;
      case 'stepDown':
        actor.feed({ kind: 'stepDown', command: 1, force: true, freezeMillis: 0 });
        return;
      case 'persist':
        actor.persist();
        return;
      case 'flush':
        actor.flush();
        return;
      case 'hearFacts':
        hearFacts(actor, self, other, param);
        return;
      case 'restart':
      case 'powerLoss':
        return;
    }
  }

  /** Every yes of the open ballot arrives, each twice. */
  #count(actor: Actor, granted: number): void {
    const { role } = actor.member;
    if (role.kind !== 'candidate' || role.phase.name !== 'voting') return;
    const { electionTermId, lastEntry } = role.phase;
    for (let from = 0; granted >> from > 0; from++) {
      if (((granted >> from) & 1) === 0) continue;
      for (let times = 0; times < 2; times++)
        actor.hear(from, electionTermId - 1, {
          kind: 'voteAnswer',
          attempt: openAttempt,
          electionTermId,
          granted: true,
          lastEntry,
        });
    }
  }
}

/** `param`: 8 bits per member, the position code of what it has acknowledged. */
function hearFacts(actor: Actor, self: number, other: number, param: number): void {
  const { role } = actor.member;
  if (role.kind !== 'primary') return;
  const positions = [];
  for (let member = 0, left = param; left > 0; member++, left = Math.floor(left / 256)) {
    const code = left % 256;
    if (code === 0 || member === self) continue;
    const position = positionOf(code);
    positions.push({ member, incarnation: incarnationOf(member), rollbackId: 0, position });
  }
  actor.hear(other, role.term, { kind: 'positionReport', positions });
}

export function packRequest(from: number, term: number, asked: number): number {
  return (asked * 16 + term) * 8 + from;
}

function unpackRequest(param: number): { from: number; term: number; asked: number } {
  return { from: param & 7, term: (param >> 3) & 15, asked: param >> 7 };
}
