import { acknowledgedPosition } from '../../src/ark/index.ts';
import { Actor, emptyStatus, type Outcome } from './actor.ts';
import type { ConfigCode } from './config-codes.ts';
import { believeAhead, formerAttempt, openAttempt, type Setting } from './embedding.ts';
import type { LocalStates } from './local-state.ts';
import { positionCode, positionOf } from './logs.ts';
import { incarnationOf } from './names.ts';

/** What one member does in a transition, and what `param` says about it. */
const acts = [
  /** It stands without a speculative round; `param`: the term it has just heard of. */
  'stand',
  /** A vote request arrives; `packRequest`. */
  'vote',
  /** The answers to its ballot arrive; `packAnswers`. */
  'count',
  /** A message arrives that says nothing but this term. */
  'hear',
  /** It pulls an entry; position code of the entry, and from bit 8 on of the source's commit point. */
  'append',
  /** It learns that its log is not a part of its source's; source, and from bit 8 on the position code of the source's end. */
  'diverge',
  /** It undoes its last entry; position code of the common point with the source. */
  'undo',
  /** The source no longer keeps what follows its last entry, and nobody else does; the source. */
  'tooOld',
  /** The copy of another's data is complete; source, and from bit 4 on the log. */
  'copied',
  /** The time to catch up is over. */
  'endCatchUp',
  'noop',
  'write',
  'stepDown',
  'persist',
  'flush',
  'flushUnreported',
  'reportFlush',
  'restart',
  'powerLoss',
  /** It comes back with an empty disk; the configuration it is told. */
  'wipe',
  /** A heartbeat tells a commit point; its position code. */
  'learnCommitPoint',
  /** Acknowledged positions arrive; 8 bits per member: position code, and bit 7 when from after the loss of its disk. */
  'hearFacts',
  /** What a member has once acknowledged arrives, and then that it does not any more; member, what, and the term of the second message. */
  'hearWithdrawal',
  /** A heartbeat tells a newer configuration; its code. */
  'hearConfig',
  /** A command gives or takes the vote; `packReconfig`. */
  'reconfig',
  /** A heartbeat of the member that has lost its disk, after what the others hold; `packAdmission`. */
  'admit',
] as const;
export type Act = (typeof acts)[number];
const actNumbers = new Map(acts.map((act, at) => [act, at]));

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
  readonly #members: number;
  readonly #known: Map<number, Reaction>[] = [];
  calls = 0;

  constructor(setting: Setting, locals: LocalStates) {
    this.#setting = setting;
    this.#locals = locals;
    this.#members = setting.voters + setting.nonVoters;
  }

  /** `eager`: disks take no time. */
  react(local: number, self: number, act: Act, param: number, eager: boolean): Reaction {
    const place = local * this.#members + self;
    let known = this.#known[place];
    if (known === undefined) {
      known = new Map();
      this.#known[place] = known;
    }
    const key = (param * acts.length + actNumbers.get(act)!) * 2 + (eager ? 1 : 0);
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
      const after = actor.restarted(act === 'powerLoss');
      return { ...actor.outcome, local: this.#locals.idOf(after) };
    }
    if (act === 'wipe') return { ...actor.outcome, local: this.#locals.idOf(actor.wiped(param)) };
    perform(actor, act, param, eager);
    return { ...actor.outcome, local: this.#locals.idOf(actor.local()) };
  }
}

/** What the member does, and at once what its disk then tells it if disks take no time. */
export function perform(actor: Actor, act: Act, param: number, eager: boolean): void {
  feed(actor, act, param);
  if (!eager || act === 'flushUnreported') return;
  actor.flush();
  actor.persist();
  actor.outcome.held = false;
}

function feed(actor: Actor, act: Act, param: number): void {
  const { member } = actor;
  const someone = { id: actor.self === 0 ? 1 : 0, incarnation: 0 };
  switch (act) {
    case 'stand':
      // A late message of a primary that has stepped down: no speculative round, so nobody can prevent the ballot.
      actor.hear(someone, param, { kind: 'standNow', catchUpTo: { term: 0, opid: 0 } });
      return;
    case 'vote':
      hearRequest(actor, param);
      return;
    case 'count':
      hearAnswers(actor, param);
      return;
    case 'hear':
      actor.hear(someone, param, { kind: 'positionReport', positions: [] });
      return;
    case 'append':
      if (param >> 8 === 0) actor.append(positionOf(param));
      else actor.append(positionOf(param & 0xff), positionOf(param >> 8));
      return;
    case 'diverge':
    case 'tooOld': {
      const source = param & 0xff;
      member.sync.source = source;
      if (act === 'tooOld') actor.giveUp({ kind: 'fetched', source, outcome: 'tooOld' });
      else {
        const sourceLastEntry = positionOf(param >> 8);
        actor.feed({ kind: 'fetched', source, outcome: 'diverged', sourceLastEntry });
      }
      return;
    }
    case 'undo':
      actor.undo(positionOf(param));
      return;
    case 'endCatchUp':
      actor.wait();
      // Answers that came meanwhile: the tenure goes on.
      for (const peer of Object.values(member.peers)) peer.answeredAt = member.now;
      actor.feed({ kind: 'tick', random: 0 });
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
    case 'copied':
      actor.copy(param & 15, param >> 4);
      return;
    case 'flushUnreported':
      actor.flushUnreported();
      return;
    case 'reportFlush':
      actor.reportFlush();
      return;
    case 'persist':
      actor.persist();
      return;
    case 'flush':
      actor.flush();
      return;
    case 'learnCommitPoint': {
      const status = { ...emptyStatus, commitPoint: positionOf(param) };
      actor.hear(someone, 0, { kind: 'heartbeatRequest', sequence: 1, status });
      return;
    }
    case 'hearFacts':
      hearFacts(actor, someone.id, param);
      return;
    case 'hearWithdrawal':
      hearWithdrawal(actor, param);
      return;
    case 'hearConfig':
      actor.hearConfig(param, someone);
      return;
    case 'reconfig':
      reconfigure(actor, someone.id, param);
      return;
    case 'admit':
      admit(actor, someone.id, param);
      return;
    default:
      throw new Error(`no single member does ${act}`);
  }
}

function hearRequest(actor: Actor, param: number): void {
  const { from, incarnation, term, asked, config } = unpackRequest(param);
  actor.hear({ id: from, incarnation, config }, term - 1, {
    kind: 'voteRequest',
    attempt: openAttempt,
    electionTermId: term,
    lastEntry: positionOf(asked),
    handoff: true,
  });
}

/** First those to former ballots, then every yes to the open one, each twice. */
function hearAnswers(actor: Actor, param: number): void {
  const { granted, former, ahead } = unpackAnswers(param);
  const { member } = actor;
  const { role } = member;
  if (role.kind !== 'candidate' || role.phase.name !== 'voting') return;
  const { attempt, electionTermId, lastEntry } = role.phase;
  const answer = { kind: 'voteAnswer', granted: true, lastEntry } as const;
  // Who is believed to be ahead is asked for its entries first.
  if (ahead !== undefined) believeAhead(member, ahead);
  for (const sender of voters(former))
    actor.hear(sender, electionTermId - 1, {
      ...answer,
      attempt: formerAttempt,
      electionTermId: electionTermId - 1,
    });
  for (const sender of voters(granted))
    for (let times = 0; times < 2; times++)
      actor.hear(sender, electionTermId - 1, { ...answer, attempt, electionTermId });
}

function hearFacts(actor: Actor, forwarder: number, param: number): void {
  const { role } = actor.member;
  if (role.kind !== 'primary') return;
  for (let id = 0, left = param; left > 0; id++, left = Math.floor(left / 256)) {
    const code = left % 128;
    if (code === 0 || id === actor.self) continue;
    const incarnation = left % 256 >= 128 ? 1 : 0;
    const from = { id: incarnation === 0 ? forwarder : id, incarnation };
    const fact = {
      member: id,
      incarnation: incarnationOf(id, incarnation),
      rollbackId: 0,
      position: positionOf(code),
    };
    actor.hear(from, role.term, { kind: 'positionReport', positions: [fact] });
  }
}

function hearWithdrawal(actor: Actor, param: number): void {
  const { id, position, term } = unpackWithdrawal(param);
  const { member, outcome } = actor;
  if (member.role.kind !== 'primary') return;
  const from = { id, incarnation: 0 };
  const fact = { member: id, incarnation: incarnationOf(id, 0), rollbackId: 0, position };
  actor.hear(from, member.role.term, { kind: 'positionReport', positions: [fact] });
  const nothing = { ...fact, rollbackId: 1, position: { term: 0, opid: 0 } };
  actor.hear(from, term, { kind: 'positionReport', positions: [nothing] });
  const acknowledged = acknowledgedPosition(member, 2);
  if (acknowledged !== undefined) outcome.counted = positionCode(acknowledged);
}

/** Everybody is up, and tells what it holds; some may hold the present configuration. */
function reconfigure(actor: Actor, forwarder: number, param: number): void {
  const { voters, holders, facts } = unpackReconfig(param);
  const { member } = actor;
  const { config } = member;
  if (config === undefined) return;
  actor.hear({ id: forwarder, incarnation: 0 }, 0, { kind: 'positionReport', positions: [] });
  hearFacts(actor, forwarder, facts);
  for (const [id, peer] of Object.entries(member.peers)) {
    peer.incarnation = incarnationOf(Number(id), 0);
    if ((holders >> Number(id)) & 1) peer.config = member.durableConfig;
  }
  const members = config.members.map(({ _id, host }) => {
    const votes = (voters >> _id) & 1 ? (1 as const) : (0 as const);
    return { _id, host, votes };
  });
  const next = { ...config, version: config.version + 1, members };
  actor.feed({ kind: 'reconfig', command: 1, force: false, config: next });
}

/**
 * The others have said what they hold; now this one tells that its disk is another, whether it has copied, and up to where. The
 * primary itself: nobody does.
 */
function admit(actor: Actor, forwarder: number, param: number): void {
  const { id, hasCopied, holders, facts } = unpackAdmission(param);
  const { member } = actor;
  const { role } = member;
  if (role.kind !== 'primary') return;
  hearFacts(actor, forwarder, facts);
  for (const [key, peer] of Object.entries(member.peers)) {
    if (Number(key) === id) continue;
    peer.incarnation = incarnationOf(Number(key), 0);
    if ((holders >> Number(key)) & 1) peer.config = member.durableConfig;
  }
  if (id === actor.self) {
    const nothing = { kind: 'positionReport', positions: [] } as const;
    actor.hear({ id: forwarder, incarnation: 0 }, role.term, nothing);
    return;
  }
  const code = Math.floor(facts / 256 ** id) % 256;
  const incarnation = incarnationOf(id, 1);
  const fact = { member: id, incarnation, rollbackId: 0, position: positionOf(code % 128) };
  const body = {
    kind: 'heartbeatAnswer',
    sequence: 1,
    status: {
      ...emptyStatus,
      state: hasCopied ? 'SECONDARY' : 'STARTUP2',
      acknowledged: code >= 128 ? fact : undefined,
    },
  } as const;
  const holdsConfig = (holders >> (id + 8)) & 1;
  actor.hear({ id, incarnation: 1, isBehind: holdsConfig === 0 }, role.term, body);
}

/** `facts` as for `hearFacts`, of three members; `holders` as in the layout's column. */
export function packAdmission(
  id: number,
  hasCopied: boolean,
  holders: number,
  facts: number,
): number {
  return ((facts * 65_536 + holders) * 8 + id) * 2 + (hasCopied ? 1 : 0);
}

export function unpackAdmission(param: number) {
  return {
    hasCopied: param % 2 === 1,
    id: Math.floor(param / 2) % 8,
    holders: Math.floor(param / 16) % 65_536,
    facts: Math.floor(param / (16 * 65_536)),
  };
}

/** `facts` as for `hearFacts`, of four members at most: more do not fit into a number. */
export function packReconfig(voters: number, holders: number, facts: number): number {
  return (facts * 256 + holders) * 256 + voters;
}

function unpackReconfig(param: number) {
  return {
    voters: param % 256,
    holders: Math.floor(param / 256) % 256,
    facts: Math.floor(param / 65_536),
  };
}

export function packWithdrawal(id: number, position: number, term: number): number {
  return (term * 256 + position) * 8 + id;
}

function unpackWithdrawal(param: number) {
  return { id: param & 7, position: positionOf((param >> 3) & 0xff), term: param >> 11 };
}

/** Bit per voter, in the upper half of 16 for voters that have lost their disk. */
function voters(mask: number) {
  return Array.from({ length: 16 }, (_, bit) => bit)
    .filter((bit) => (mask >> bit) & 1)
    .map((bit) => ({ id: bit & 7, incarnation: bit >> 3 }));
}

export function packRequest(
  from: number,
  incarnation: number,
  term: number,
  asked: number,
  config: ConfigCode,
): number {
  return ((config * 256 + asked) * 16 + term) * 16 + incarnation * 8 + from;
}

function unpackRequest(param: number) {
  return {
    from: param & 7,
    incarnation: (param >> 3) & 1,
    term: (param >> 4) & 15,
    asked: (param >> 8) & 255,
    config: Math.floor(param / 65_536),
  };
}

/** `ahead`: a member that the candidate believes to have more than itself. */
export function packAnswers(granted: number, former: number, ahead: number | undefined): number {
  return (((ahead ?? -1) + 1) * 65_536 + former) * 65_536 + granted;
}

function unpackAnswers(param: number) {
  const ahead = Math.floor(param / 2 ** 32) - 1;
  return {
    granted: param & 0xffff,
    former: Math.floor(param / 65_536) & 0xffff,
    ahead: ahead === -1 ? undefined : ahead,
  };
}
