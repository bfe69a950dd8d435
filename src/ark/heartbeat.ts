import { losePrimary } from './become.ts';
import { learnCommitPoint } from './commit-point.ts';
import type { Address } from './effects.ts';
import { noteAnswer } from './lead-confirmation.ts';
import { hearsPrimary, mayStand, seesMajority } from './liveness.ts';
import { type Member, membersOf } from './member.ts';
import type { HeartbeatAnswer, HeartbeatRequest, MemberStatus } from './messages.ts';
import { heartbeatIntervalTo } from './policies.ts';
import { receiveFacts } from './progress.ts';
import { adoptConfig } from './reconfig.ts';
import { compareConfigVersions, configVersionOf } from './replica-set-config.ts';
import { isSecondary, stateNameOf } from './role.ts';
import { learnTerm } from './terms.ts';
import { addressOf, announceRole, fatal, log, send, senderOf, type Turn } from './turn.ts';

/*
 * Heartbeats carry a member's whole status both ways. A status is believed at once, but only an answer proves
 * that the other side hears us.
 */

/** To everybody at once: after a win, after a step-down, and when a new configuration should travel. */
export function sendHeartbeats(turn: Turn): void {
  for (const { _id } of membersOf(turn.member)) sendHeartbeat(turn, _id);
}

export function sendDueHeartbeats(turn: Turn): void {
  const { member } = turn;
  for (const { _id } of membersOf(member)) {
    const askedAt = member.peers[_id]?.askedAt;
    if (askedAt === undefined || member.now >= askedAt + heartbeatIntervalTo(member, _id))
      sendHeartbeat(turn, _id);
  }
}

function sendHeartbeat(turn: Turn, id: number): void {
  const { member } = turn;
  const peer = member.peers[id];
  if (peer === undefined) return;
  peer.askedAt = member.now;
  peer.askedSequence = member.nextHeartbeatSequence;
  sendHeartbeatTo(turn, addressOf(member, id));
}

function sendHeartbeatTo(turn: Turn, to: Address): void {
  const { member } = turn;
  const sequence = member.nextHeartbeatSequence;
  member.nextHeartbeatSequence += 1;
  send(turn, to, { kind: 'heartbeatRequest', sequence, status: statusOf(member) });
}

export function onHeartbeatRequest(turn: Turn, request: HeartbeatRequest): void {
  const { member } = turn;
  const isFirstWord = member.peers[request.from]?.status === undefined;
  recordStatus(turn, request);
  const { config } = member;
  const order = compareConfigVersions(request.config, configVersionOf(config));
  send(turn, senderOf(member, request), {
    kind: 'heartbeatAnswer',
    sequence: request.sequence,
    status: statusOf(member),
    ...(order < 0 && config !== undefined ? { newerConfig: config } : {}),
  });
  // The sender knows a newer configuration: its answer to our question will bring it.
  if (order > 0) sendHeartbeatTo(turn, senderOf(member, request));
  // What we asked before it knew the set, it answered as a stranger. Once, so that lost answers make no storm.
  else if (isFirstWord) sendHeartbeat(turn, request.from);
}

export function onHeartbeatAnswer(turn: Turn, answer: HeartbeatAnswer): void {
  const { member } = turn;
  if (answer.newerConfig !== undefined) adoptConfig(turn, answer.newerConfig, answer.to);
  const peer = member.peers[answer.from];
  if (peer !== undefined) {
    peer.answeredAt = member.now;
    noteAnswer(member, peer, answer);
    if (peer.askedSequence === answer.sequence && peer.askedAt !== undefined) {
      const ping = member.now - peer.askedAt;
      peer.pingMillis = peer.pingMillis === undefined ? ping : 0.8 * peer.pingMillis + 0.2 * ping;
    }
  }
  recordStatus(turn, answer);
}

/** What this member tells about itself. */
function statusOf(member: Member): MemberStatus {
  const { role, lastEntry, lastDurable, commitPoint, self, primary } = member;
  return {
    state: stateNameOf(role),
    lastEntry,
    lastDurable,
    acknowledged: self === undefined ? undefined : member.progress[self],
    commitPoint,
    electionTermId: role.kind === 'primary' ? role.term : undefined,
    primary: primary?.id,
    syncSource: member.sync.source,
    electable: mayStand(member) && isSecondary(role) && seesMajority(member),
  };
}

function recordStatus(turn: Turn, message: HeartbeatRequest | HeartbeatAnswer): void {
  const { member } = turn;
  const { status, from } = message;
  const peer = member.peers[from];
  if (peer === undefined) return;
  peer.status = status;
  peer.incarnation = message.incarnation;
  peer.config = message.config;
  if (status.electionTermId === undefined) forgetPrimary(turn, from, message.term);
  else believeInPrimary(turn, from, status.electionTermId);
  if (status.acknowledged !== undefined) receiveFacts(turn, from, [status.acknowledged]);
  learnCommitPoint(turn, status.commitPoint, 'heartbeat');
}

function believeInPrimary(turn: Turn, id: number, term: number): void {
  const { member } = turn;
  learnTerm(turn, term);
  if (term < member.maxKnownTermId) return;
  if (member.role.kind === 'primary') {
    fatal(turn, `member ${id} is primary of term ${term} too`);
    return;
  }
  const isNew = member.primary?.id !== id || member.primary.term !== term;
  member.primary = { id, term, heardAt: member.now };
  member.failedAttempts = 0;
  member.sleptLast = false;
  member.awaitedCandidate = undefined;
  if (!isNew) return;
  // What was waited for has come, and what was said of it as a source was said of another role.
  member.standNotBefore = member.now;
  delete member.sync.vetoedUntil[id];
  log(turn, 'newPrimary', { primary: id, term });
  announceRole(turn, 'newPrimary');
}

/** Run after every input: silent for too long, or its connection has closed. Its next message restores the belief. */
export function doubtPrimary(turn: Turn): void {
  const { member } = turn;
  if (member.role.kind !== 'primary' && !hearsPrimary(member)) losePrimary(turn, 'primaryIsSilent');
}

/** It says it leads no longer; a message from before its tenure cannot say so. */
function forgetPrimary(turn: Turn, id: number, messageTerm: number): void {
  const { member } = turn;
  if (member.primary?.id !== id || messageTerm < member.primary.term) return;
  losePrimary(turn, 'primaryStoodBack');
}
