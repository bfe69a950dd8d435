import {
  completeConfig,
  createMember,
  type Effect,
  type Gtid,
  type Input,
  initialGtid,
  type Member,
  type MemberOptions,
  type MemberStatus,
  type Message,
  step,
} from '../../src/ark/index.ts';

/* One member of a set of three, fed by hand. It is n0; n1 and n2 exist only in what it hears. */

export const config = {
  ...completeConfig({
    _id: 'rs',
    members: [0, 1, 2].map((id) => ({
      _id: id,
      host: `n${id}:1`,
      tags: { dc: id === 2 ? 'b' : 'a' },
    })),
    settings: { getLastErrorModes: { everyDc: { dc: 2 } } },
  }),
  term: 1,
};
export const header = {
  set: 'rs',
  fromHost: '',
  to: 0,
  term: 1,
  config: { version: 1, term: 1, admission: 0 },
};

export function secondary(lastEntry: Gtid, options: Partial<MemberOptions> = {}): Member {
  return createMember({
    host: 'n0:1',
    incarnation: 'i0',
    processId: 'p',
    now: 0,
    config,
    lastEntry,
    needsInitialSync: false,
    ...options,
  });
}

export function say(member: Member, message: Message, now = member.now): Effect[] {
  return step(member, { kind: 'message', message, now } as Input);
}

export function voteRequest(electionTermId: number, lastEntry: Gtid, from = 1): Message {
  return {
    ...header,
    from,
    incarnation: `i${from}`,
    kind: 'voteRequest',
    attempt: 'a',
    electionTermId,
    lastEntry,
    handoff: false,
  };
}

export function status(overrides: Partial<MemberStatus> = {}): MemberStatus {
  return {
    state: 'SECONDARY',
    lastEntry: initialGtid,
    lastDurable: initialGtid,
    acknowledged: undefined,
    commitPoint: initialGtid,
    electionTermId: undefined,
    primary: undefined,
    syncSource: undefined,
    electable: true,
    ...overrides,
  };
}

export function heartbeat(from: number, overrides: Partial<MemberStatus>, term = 1): Message {
  return {
    ...header,
    term,
    from,
    incarnation: `i${from}`,
    kind: 'heartbeatRequest',
    sequence: 1,
    status: status(overrides),
  };
}

export function voteAnswer(effects: Effect[]) {
  for (const effect of effects)
    if (effect.kind === 'send' && effect.message.kind === 'voteAnswer')
      return { ...effect.message, afterToken: effect.afterToken };
  throw new Error('no vote answer');
}

/** A primary of term 2 with the no-op durable, in a set of three. */
export function primary(options: Partial<MemberOptions> = {}): Member {
  const member = secondary({ term: 1, opid: 5 }, options);
  step(member, { kind: 'tick', now: 0, random: 0 });
  for (const id of [1, 2]) {
    const answer = {
      ...header,
      from: id,
      incarnation: `i${id}`,
      kind: 'heartbeatAnswer',
      sequence: 1,
      status: status(),
    } as const;
    say(member, answer, 1);
  }
  const phase = () => (member.role.kind === 'candidate' ? member.role.phase : undefined);
  for (const id of [1, 2]) {
    const now = phase();
    if (now?.name !== 'speculative') break;
    say(member, {
      ...header,
      from: id,
      incarnation: `i${id}`,
      kind: 'speculativeVoteAnswer',
      attempt: now.attempt,
      verdict: 'yes',
      maxVotedTermId: 1,
      lastEntry: { term: 1, opid: 0 },
      canStand: true,
    });
  }
  const voting = phase();
  if (voting?.name !== 'voting') throw new Error(`no voting round: ${JSON.stringify(member.role)}`);
  const yes = {
    ...header,
    incarnation: 'i1',
    kind: 'voteAnswer',
    attempt: voting.attempt,
    electionTermId: 2,
    granted: true,
    lastEntry: initialGtid,
  } as const;
  say(member, { ...yes, from: 1 });
  const token = member.nextToken - 1;
  step(member, { kind: 'persisted', token, now: 2 });
  step(member, { kind: 'appended', gtid: { term: 2, opid: 0 }, now: 2 });
  step(member, { kind: 'persisted', token: member.nextToken - 1, now: 2 });
  return member;
}

export function reported(member: Member, from: number, position: Gtid, rollbackId = 0): void {
  const positions = [{ member: from, incarnation: `i${from}`, rollbackId, position }];
  say(member, {
    ...header,
    term: position.term,
    from,
    incarnation: `i${from}`,
    kind: 'positionReport',
    positions,
  });
}
