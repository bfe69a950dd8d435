import { compareGtids } from '../../../src/ark/index.ts';
import { freshestOther, isOutranked, mostElectable, reviewOwnElectability } from './electable.ts';
import { stand } from './election.ts';
import { isUp, mayStand, type PeerInfo, peersOf, seesMajority } from './member.ts';
import { relinquish } from './relinquish.ts';
import { log, type Turn } from './turn.ts';

/*
 * One thread per member looks at what the heartbeats have brought and decides: believe in a primary, step down, stand ([P] 2.5; [M]
 * manager). While it stands for election everything else waits in its queue, news of the others included.
 */

export function postNews(turn: Turn, peer: number, info: PeerInfo): void {
  turn.member.manager.queue.push({ kind: 'news', peer, info });
}

export function postCheck(turn: Turn): void {
  turn.member.manager.queue.push({ kind: 'check' });
}

/** Works the queue off, until it is empty or an election begins. */
export function work(turn: Turn): void {
  const { manager, peers } = turn.member;
  while (manager.election === undefined) {
    const task = manager.queue.shift();
    if (task === undefined) return;
    if (task.kind === 'check') check(turn);
    else {
      const peer = peers[task.peer];
      if (peer !== undefined) peer.known = task.info;
    }
  }
}

function check(turn: Turn): void {
  const { member } = turn;
  reviewOwnElectability(member);
  yieldToPriority(turn);
  forgetPrimaryThatIsGone(turn);
  const others = peersOf(member).filter((peer) => isUp(peer) && peer.known.state === 'PRIMARY');
  // Two others at once: the polls were not simultaneous, so wait until things have settled.
  if (others.length > 1) {
    log(turn, 'seesTwoPrimaries');
    return;
  }
  const [other] = others;
  if (other !== undefined) {
    noteOtherPrimary(turn, other.id);
    return;
  }
  if (member.state === 'primary') checkTenure(turn);
  else if (mayStand(member) && seesMajority(member) && member.electable.includes(member.self))
    stand(turn);
}

function checkTenure(turn: Turn): void {
  const { member } = turn;
  if (!seesMajority(member)) relinquish(turn, 'it does not see a majority');
  else if (
    member.rules.stepsDownWhenBehind &&
    compareGtids(member.lastEntry, freshestOther(member)) < 0
  )
    relinquish(turn, 'another member is ahead');
}

/** [P] Problem 3.2; see `PredecessorRules.onOtherPrimary`. */
function noteOtherPrimary(turn: Turn, other: number): void {
  const { member } = turn;
  if (member.primary === other) return;
  if (member.state === 'primary') {
    if (staysPrimaryBeside(turn, other)) return;
    relinquish(turn, `n${other} is primary too`);
  }
  member.primary = other;
}

function staysPrimaryBeside({ member }: Turn, other: number): boolean {
  switch (member.rules.onOtherPrimary) {
    case 'bothStepDown':
      return false;
    case 'higherIdStepsDown':
      return member.self < other;
    case 'earlierElectedStepsDown': {
      const theirs = member.peers[other]!.known.electionTime;
      return compareGtids(theirs, member.electionTime) <= 0;
    }
  }
}

function forgetPrimaryThatIsGone({ member }: Turn): void {
  const { primary, self } = member;
  if (primary === undefined || primary === self) return;
  const peer = member.peers[primary];
  if (peer === undefined || !isUp(peer) || peer.known.state !== 'PRIMARY')
    member.primary = undefined;
}

/** A primary makes room for an electable member of higher priority, once that has caught up to ten seconds [M]. */
function yieldToPriority(turn: Turn): void {
  const { member } = turn;
  if (member.state !== 'primary' || !isOutranked(member, member.self)) return;
  if (mostElectable(member) !== undefined) relinquish(turn, 'another member has a higher priority');
}
