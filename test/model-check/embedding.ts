import {
  createMember,
  type Member,
  type MemberOptions,
  type PrimaryRole,
  type RulesForTests,
} from '../../src/ark/index.ts';
import { type ConfigCode, codeOf, configCode, configFrom, lostIn } from './config-codes.ts';
import type { LocalState } from './local-state.ts';
import { type LogId, type Logs, positionCode, positionOf } from './logs.ts';
import { hostOf, incarnationOf } from './names.ts';

/*
 * Between two steps the checker keeps a LocalState; to take a step it makes a whole Member of it again, feeds the real
 * `step` and looks at what became of the Member. What a LocalState leaves out is set here to the value that forbids least:
 *
 * - Time. `now` stands still, so no timer fires by itself; an input that stands for elapsed time sets the clock for itself.
 * - Who is heard. No primary is believed in, so no vote is refused for it; everybody is thought to be up, so no ballot ends because too
 *   few are; and nobody stands by itself: that somebody does is an input of its own.
 * - The configuration is the same for all unless reconfigs are asked for: with fixed members an older one only makes a voter refuse, and whoever may be elected in
 *   a higher term has heard of that term by a message that could have brought the configuration too.
 * - Tokens, attempts and rollback ids are numbered anew. What belongs to an older ballot is kept apart by the checker.
 * - Own and others' acknowledged positions. They are facts in the network, which the checker keeps. Leaving the own one out makes a member
 *   repeat it, which changes nothing: a gate that is open now was open when the position was first held.
 */

const clock = 1_000_000_000;
/** What belongs to the open ballot carries this attempt, what belongs to an earlier one the other. */
export const openAttempt = 'open';
export const formerAttempt = 'former';

/** What the members of one search have in common. */
export interface Setting {
  readonly logs: Logs;
  readonly voters: number;
  /** The last of the voters. */
  readonly arbiters: number;
  readonly nonVoters: number;
  readonly rules: RulesForTests | undefined;
  readonly commitPoints: boolean;
  /** Configurations change, and are part of the state. */
  readonly reconfigures: boolean;
}

/** What is outside of the Member and belongs to it. */
export interface Storage {
  readonly log: LogId;
  readonly disk: LogId;
  readonly diskVote: number;
  readonly incarnation: number;
  readonly downTo: number;
  readonly unreported: number;
}

/** Of a member that keeps this one; 0 where nobody ever has another than the first. */
export function configOf(setting: Setting, code: ConfigCode) {
  const { voters, nonVoters, arbiters } = setting;
  return configFrom(code === 0 ? firstConfig(setting) : code, voters + nonVoters, arbiters);
}

export function firstConfig({ voters }: Setting): ConfigCode {
  return configCode(1, 1, (1 << voters) - 1);
}

export function newMember(
  setting: Setting,
  self: number,
  incarnation: number,
  options: Partial<MemberOptions>,
): Member {
  const { rules } = setting;
  const member = createMember({
    host: hostOf(self),
    incarnation: incarnationOf(self, incarnation),
    processId: 'process',
    now: clock,
    needsInitialSync: false,
    ...(rules === undefined ? {} : { rules }),
    ...options,
  });
  // The term of the configuration is not part of the state, and what is not known forbids less.
  member.maxKnownTermId = Math.max(
    member.maxVotedTermId,
    member.lastEntry.term,
    options.heldBefore?.term ?? 0,
  );
  member.standNotBefore = Number.POSITIVE_INFINITY;
  for (const peer of Object.values(member.peers)) peer.answeredAt = clock;
  // Token 1 is the one before this step: of the own vote, of an answer that is held.
  member.nextToken = 2;
  return member;
}

export function voteRecord(self: number, term: number) {
  const incarnation = incarnationOf(self, 0);
  return { term, candidate: self, incarnation, configVersion: 1, configTerm: 1 };
}

export function embed(setting: Setting, self: number, local: LocalState): Member {
  const { vote, log, commitPoint, incarnation } = local;
  const member = newMember(setting, self, incarnation, {
    config: configOf(setting, local.config),
    ...(vote === 0 ? {} : { vote: voteRecord(self, vote) }),
    lastEntry: setting.logs.last(log),
    commitPoint: positionOf(commitPoint),
  });
  member.lastDurable = positionOf(local.durable);
  member.maxVotedTermId = local.voted;
  member.maxKnownTermId = local.known;
  member.role = roleOf(local, member);
  return member;
}

function roleOf(local: LocalState, member: Member): Member['role'] {
  const { role, term, source } = local;
  const { now, sync } = member;
  const ballot = {
    attempt: openAttempt,
    handoff: true,
    electionTermId: term,
    lastEntry: positionOf(local.asked),
    startedAt: now,
    yes: [],
    no: [],
  };
  const tenure = {
    kind: 'primary' as const,
    term,
    takeoverReadySince: undefined,
    confirmations: [],
    admissionFloors: floorsOf(local),
    settledVersion: -1,
    confirmationRound: 0,
  };
  switch (role) {
    case 'secondary':
      return { kind: 'secondary' };
    case 'voting':
      return { kind: 'candidate', phase: { name: 'voting', ...ballot } };
    case 'ownVote':
      return { kind: 'candidate', phase: { name: 'ownVote', ...ballot, token: 1 } };
    case 'catchingUp':
      sync.source = source;
      believeAhead(member, source);
      return { ...tenure, phase: { name: 'catchingUp', until: now + 1 } };
    case 'awaitingNoop':
      return { ...tenure, phase: { name: 'awaitingNoop' } };
    case 'writable':
      return { ...tenure, phase: { name: 'writable' } };
    case 'arbiter':
      return { kind: 'arbiter' };
    case 'rollback':
      return { kind: 'rollback', source };
    case 'initialSync':
      return {
        kind: 'initialSync',
        source: source === -1 ? undefined : source,
        held: positionOf(local.held),
        isOutdated: false,
      };
  }
}

function floorsOf({ config, floor }: LocalState): PrimaryRole['admissionFloors'] {
  const lost = config === 0 ? undefined : lostIn(config);
  return lost === undefined || floor === 0 ? {} : { [lost.id]: positionOf(floor) };
}

/** The member thinks that this one is up and has more than it will ever have. */
export function believeAhead(member: Member, id: number): void {
  const peer = member.peers[id];
  if (peer === undefined) return;
  peer.answeredAt = member.now;
  peer.status = {
    state: 'SECONDARY',
    lastEntry: { term: Number.MAX_SAFE_INTEGER, opid: 0 },
    lastDurable: { term: 0, opid: 0 },
    acknowledged: undefined,
    commitPoint: { term: 0, opid: 0 },
    electionTermId: undefined,
    primary: undefined,
    syncSource: undefined,
    electable: false,
  };
}

export function project(setting: Setting, member: Member, storage: Storage): LocalState {
  const { role, config } = member;
  // A primary remembers what it has committed in its own term, maybe under a configuration before.
  const { reconfigures } = setting;
  const isOwnCommit =
    reconfigures && role.kind === 'primary' && role.term === member.commitPoint.term;
  const keepsCommitPoint = setting.commitPoints || isOwnCommit;
  const state = {
    log: storage.log,
    disk: storage.disk,
    durable: positionCode(member.lastDurable),
    voted: member.maxVotedTermId,
    known: member.maxKnownTermId,
    vote: member.vote?.term ?? 0,
    diskVote: storage.diskVote,
    term: 0,
    asked: 0,
    source: -1,
    commitPoint: keepsCommitPoint ? positionCode(member.commitPoint) : 0,
    incarnation: storage.incarnation,
    held: 0,
    downTo: -1,
    unreported: storage.unreported,
    config: setting.reconfigures && config !== undefined ? codeOf(config) : 0,
    floor: 0,
  };
  switch (role.kind) {
    case 'secondary':
    case 'arbiter':
      return { ...state, role: role.kind };
    case 'rollback':
      return { ...state, role: 'rollback', source: role.source, downTo: storage.downTo };
    case 'initialSync': {
      const held = positionCode(role.held);
      return { ...state, role: 'initialSync', source: role.source ?? -1, held };
    }
    case 'primary': {
      const { name } = role.phase;
      const source = name === 'catchingUp' ? (member.sync.source ?? -1) : -1;
      const [floor] = Object.values(role.admissionFloors);
      return {
        ...state,
        role: name,
        term: role.term,
        source,
        floor: floor === undefined ? 0 : positionCode(floor),
      };
    }
    case 'candidate': {
      const { phase } = role;
      if (phase.name !== 'voting' && phase.name !== 'ownVote') break;
      const asked = positionCode(phase.lastEntry);
      return { ...state, role: phase.name, term: phase.electionTermId, asked };
    }
  }
  throw new Error(`the checker does not know this role: ${JSON.stringify(role)}`);
}
