import {
  type HeartbeatAnswer,
  type HeartbeatRequest,
  initialGtid,
  type MemberStateName,
} from '../../../src/ark/index.ts';
import { isFreshEnough, rememberElectable } from './electable.ts';
import { postCheck, postNews } from './manager.ts';
import { type Peer, type PeerInfo, type PredecessorStatus, peersOf } from './member.ts';
import {
  answerTimeoutMillis,
  heartbeatPauseMillis,
  managerIdleMillis,
  sendAgainMillis,
} from './rules.ts';
import { send, type Turn } from './turn.ts';

/*
 * Every member polls every other one; only the answer tells anything ([P] 2.1; [M] heartbeat). A poll that fails makes the member down
 * at once: refused when its process is gone, or not answered in time.
 */

export function beat(turn: Turn): void {
  const { member } = turn;
  for (const peer of peersOf(member)) {
    const { asked } = peer;
    if (asked !== undefined && member.now >= asked.at + answerTimeoutMillis) fail(turn, peer.id);
    else if (asked === undefined && member.now >= peer.nextAskAt) ask(turn, peer);
    else if (asked !== undefined && member.now >= asked.sentAt + sendAgainMillis) {
      asked.sentAt = member.now;
      sendHeartbeat(turn, peer, asked.sequence);
    }
  }
}

function ask(turn: Turn, peer: Peer): void {
  const { member } = turn;
  const sequence = member.nextSequence++;
  peer.asked = { sequence, at: member.now, sentAt: member.now };
  sendHeartbeat(turn, peer, sequence);
}

function sendHeartbeat(turn: Turn, peer: Peer, sequence: number): void {
  send(turn, peer.id, { kind: 'heartbeatRequest', sequence, status: ownStatus(turn) });
}

export function answerHeartbeat(turn: Turn, { from, sequence }: HeartbeatRequest): void {
  send(turn, from, { kind: 'heartbeatAnswer', sequence, status: ownStatus(turn) });
}

export function heartbeatAnswered(turn: Turn, { from, sequence, status }: HeartbeatAnswer): void {
  const { member } = turn;
  const peer = member.peers[from];
  if (peer?.asked?.sequence !== sequence) return;
  const { electionTime } = status as PredecessorStatus;
  const millis = Math.floor(member.now - peer.asked.at);
  peer.pingMillis =
    peer.pingMillis === 0 ? millis : Math.floor(0.8 * peer.pingMillis + 0.2 * millis);
  member.sync.pings += 1;
  const { state, lastEntry } = status;
  const answeredAt = member.now;
  take(turn, peer, { health: 'up', state, lastEntry, electionTime, answeredAt });
  rememberElectable(member, from, status.electable && isFreshEnough(member, lastEntry));
}

/** The heartbeat to that member, if one is on its way, has failed. */
export function fail(turn: Turn, id: number): void {
  const peer = turn.member.peers[id];
  if (peer?.asked === undefined) return;
  peer.pingMillis = 0;
  take(turn, peer, { ...peer.latest, health: 'down', state: 'DOWN' });
  rememberElectable(turn.member, id, false);
}

function take(turn: Turn, peer: Peer, info: PeerInfo): void {
  const { member } = turn;
  const before = peer.latest;
  peer.asked = undefined;
  peer.nextAskAt = member.now + heartbeatPauseMillis;
  peer.latest = info;
  postNews(turn, peer.id, info);
  const isChanged = before.health !== info.health || before.state !== info.state;
  if (!isChanged && member.now - member.manager.checkedAt <= managerIdleMillis) return;
  member.manager.checkedAt = member.now;
  postCheck(turn);
}

function ownStatus({ member }: Turn): PredecessorStatus {
  const { state, lastEntry, lastDurable, primary, sync, self } = member;
  return {
    state: stateName(state),
    lastEntry,
    lastDurable,
    acknowledged: undefined,
    commitPoint: initialGtid,
    electionTermId: undefined,
    primary,
    syncSource: sync.source,
    electable: member.electable.includes(self),
    electionTime: member.electionTime,
  };
}

export function stateName(state: 'primary' | 'secondary' | 'rollback' | 'recovering' | 'arbiter') {
  return state.toUpperCase() as MemberStateName;
}
