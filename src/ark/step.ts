import { becomeRecovering, becomeSecondary, reply } from './become.ts';
import { continueCatchUp } from './catch-up.ts';
import { advanceCommitPoint } from './commit-point.ts';
import type { Effect } from './effects.ts';
import {
  considerStanding,
  onPersisted,
  onSpeculativeVoteAnswer,
  onStandNow,
  onVoteAnswer,
  tickCandidate,
} from './election.ts';
import {
  doubtPrimary,
  onHeartbeatAnswer,
  onHeartbeatRequest,
  sendDueHeartbeats,
} from './heartbeat.ts';
import type {
  FreezeCommand,
  Input,
  MaintenanceCommand,
  PeerDisconnected,
  SyncFromCommand,
  Tick,
} from './inputs.ts';
import { confirmLead, onConfirmLead } from './lead-confirmation.ts';
import {
  onAppended,
  onDurable,
  onFetched,
  onInitialSyncFinished,
  onRolledBack,
} from './log-position.ts';
import { type Member, settingsOf } from './member.ts';
import type { Message } from './messages.ts';
import { acknowledge, onPositionReport } from './progress.ts';
import { admitIncarnations, onConfigPersisted, onInitiate, onReconfig } from './reconfig.ts';
import { memberById } from './replica-set-config.ts';
import { onNoCommonPoint } from './resync.ts';
import { isSecondary } from './role.ts';
import { checkTenure, onStepDownCommand, stepDown } from './step-down.ts';
import { manageSyncSource } from './sync-source.ts';
import { learnTerm } from './terms.ts';
import { log, type Turn } from './turn.ts';
import { answerSpeculativeVoteRequest, answerVoteRequest } from './vote.ts';

/**
 * Feeds one input to a member, changes it, and says what its caller must now do, in order (see `Effect`).
 *
 * One entry for everything: first the input itself, then what may follow from it whatever it was.
 */
export function step(member: Member, input: Input): Effect[] {
  const turn: Turn = { member, effects: [] };
  const elapsed = Math.max(0, input.now - member.now);
  member.now += elapsed;
  take(turn, input, elapsed);
  follow(turn);
  return turn.effects;
}

function take(turn: Turn, input: Input, elapsed: number): void {
  switch (input.kind) {
    case 'tick':
      onTick(turn, input, elapsed);
      break;
    case 'message':
      onMessage(turn, input.message);
      break;
    case 'peerDisconnected':
      onPeerDisconnected(turn, input);
      break;
    case 'appended':
      onAppended(turn, input);
      break;
    case 'durable':
      onDurable(turn, input);
      break;
    case 'persisted':
      turn.member.persistedToken = Math.max(turn.member.persistedToken, input.token);
      onConfigPersisted(turn);
      onPersisted(turn);
      break;
    case 'fetched':
      onFetched(turn, input);
      break;
    case 'rolledBack':
      onRolledBack(turn, input);
      break;
    case 'noCommonPoint':
      onNoCommonPoint(turn, input);
      break;
    case 'initialSyncFinished':
      onInitialSyncFinished(turn, input);
      break;
    case 'stepDown':
      onStepDownCommand(turn, input);
      break;
    case 'confirmLead':
      onConfirmLead(turn, input);
      break;
    case 'freeze':
      onFreeze(turn, input);
      break;
    case 'syncFrom':
      onSyncFrom(turn, input);
      break;
    case 'maintenance':
      onMaintenance(turn, input);
      break;
    case 'initiate':
      onInitiate(turn, input);
      break;
    case 'reconfig':
      onReconfig(turn, input);
      break;
    case 'writeFailed':
      onWriteFailed(turn);
      break;
    default:
      input satisfies never;
  }
}

/** Conditions rather than events: looked at after every input. */
function follow(turn: Turn): void {
  acknowledge(turn);
  advanceCommitPoint(turn);
  confirmLead(turn);
  tickCandidate(turn);
  doubtPrimary(turn);
  considerStanding(turn);
  manageSyncSource(turn);
}

function onTick(turn: Turn, input: Tick, elapsed: number): void {
  turn.member.random = input.random;
  forgiveStall(turn.member, elapsed);
  sendDueHeartbeats(turn);
  checkTenure(turn);
  continueCatchUp(turn);
  admitIncarnations(turn);
}

/**
 * After a pause of this process (a long garbage collection, a busy disk) answers wait unread in the sockets. That they
 * were not seen is no sign that nobody spoke, so silence is measured without the pause, up to one election timeout.
 */
function forgiveStall(member: Member, elapsed: number): void {
  const { heartbeatIntervalMillis, electionTimeoutMillis } = settingsOf(member);
  if (elapsed <= 2 * heartbeatIntervalMillis) return;
  const pause = Math.min(elapsed, electionTimeoutMillis);
  for (const peer of Object.values(member.peers))
    if (peer.answeredAt !== undefined)
      peer.answeredAt = Math.min(member.now, peer.answeredAt + pause);
  const { primary } = member;
  if (primary !== undefined) primary.heardAt = Math.min(member.now, primary.heardAt + pause);
}

function onMessage(turn: Turn, message: Message): void {
  const { member } = turn;
  const ownSet = member.config?._id;
  if (ownSet !== undefined && message.set !== '' && message.set !== ownSet) {
    log(turn, 'otherSet', { set: message.set, host: message.fromHost });
    return;
  }
  const peer = member.peers[message.from];
  if (peer !== undefined) {
    peer.connected = true;
    peer.heardAt = member.now;
  }
  // Terms are compared before any role sees the message. Only members are listened to: a stranger must not depose anybody.
  if (peer !== undefined && member.rules.messageTermsHeeded) learnTerm(turn, message.term);
  switch (message.kind) {
    case 'heartbeatRequest':
      onHeartbeatRequest(turn, message);
      admitIncarnations(turn);
      break;
    case 'heartbeatAnswer':
      onHeartbeatAnswer(turn, message);
      admitIncarnations(turn);
      break;
    case 'speculativeVoteRequest':
      answerSpeculativeVoteRequest(turn, message);
      break;
    case 'speculativeVoteAnswer':
      onSpeculativeVoteAnswer(turn, message);
      break;
    case 'voteRequest':
      answerVoteRequest(turn, message);
      break;
    case 'voteAnswer':
      onVoteAnswer(turn, message);
      break;
    case 'positionReport':
      onPositionReport(turn, message);
      break;
    case 'standNow':
      onStandNow(turn, message);
      break;
    default:
      message satisfies never;
  }
}

/** A closed connection raises suspicion at once; whether the member is gone the speculative round finds out. */
function onPeerDisconnected(turn: Turn, input: PeerDisconnected): void {
  const { member } = turn;
  const peer = member.peers[input.member];
  if (peer === undefined || !peer.connected) return;
  peer.connected = false;
  log(turn, 'disconnected', { member: input.member });
  if (member.awaitedCandidate !== input.member) return;
  member.awaitedCandidate = undefined;
  member.standNotBefore = member.now;
}

function onFreeze(turn: Turn, input: FreezeCommand): void {
  const { member } = turn;
  if (member.role.kind === 'primary' || member.role.kind === 'candidate') {
    const message = 'cannot freeze node when primary or running for election. state: Primary';
    reply(turn, input.command, { ok: false, code: 'NotSecondary', message });
    return;
  }
  member.frozenUntil = member.now + input.millis;
  if (input.millis === 0) member.standNotBefore = member.now;
  reply(turn, input.command, { ok: true });
}

function onSyncFrom(turn: Turn, input: SyncFromCommand): void {
  const { member } = turn;
  if (!isSecondary(member.role)) {
    const { kind } = member.role;
    const message =
      kind === 'primary' || kind === 'arbiter'
        ? `${kind === 'primary' ? 'primaries' : 'arbiters'} don't sync`
        : `cannot change the sync source as ${kind}`;
    reply(turn, input.command, { ok: false, code: 'NotSecondary', message });
    return;
  }
  if (input.member === member.self || memberById(member.config, input.member) === undefined) {
    const message = 'the requested sync source is not another member of the set';
    reply(turn, input.command, { ok: false, code: 'NodeNotFound', message });
    return;
  }
  member.sync.forced = input.member;
  delete member.sync.vetoedUntil[input.member];
  reply(turn, input.command, { ok: true });
}

function onMaintenance(turn: Turn, input: MaintenanceCommand): void {
  const { member } = turn;
  const { kind } = member.role;
  if (input.on && isSecondary(member.role)) becomeRecovering(turn, 'maintenance');
  else if (!input.on && kind === 'recovering') becomeSecondary(turn, 'maintenanceEnded');
  else if (kind !== 'recovering' && !isSecondary(member.role)) {
    const message = `cannot change maintenance mode as ${kind}`;
    reply(turn, input.command, { ok: false, code: 'NotSecondary', message });
    return;
  }
  reply(turn, input.command, { ok: true });
}

/** What was handed out cannot be written: this term is over for us (a GTID is never handed out twice). */
function onWriteFailed(turn: Turn): void {
  const { member } = turn;
  if (member.role.kind !== 'primary') return;
  member.frozenUntil = Math.max(
    member.frozenUntil,
    member.now + settingsOf(member).electionTimeoutMillis,
  );
  stepDown(turn, 'writeFailed');
}
