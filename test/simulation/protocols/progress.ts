import {
  compareGtids,
  type Gtid,
  type PositionFact,
  type PositionReport,
  type WriteConcern,
} from '../../../src/ark/index.ts';
import type { PredecessorMember } from './member.ts';
import { sendAgainMillis } from './rules.ts';
import { send, type Turn } from './turn.ts';

/*
 * Acknowledgement ([P] 2.2, Problem 3.1): whoever pulls tells its source how far it has come, and the source passes it on to its own.
 * No member asks itself whether it may say so; no position is known to belong to a tenure.
 */

/** Reports keep their order, as on a connection. */
interface OrderedReport extends PositionReport {
  readonly sentAt: number;
}

/** Tells the source everything known: the own position, durable or not, and those of members that pull from here. */
export function report(turn: Turn): void {
  const { member } = turn;
  tell(turn, { ...member.progress, [member.self]: member.lastEntry });
}

export function reportOwn(turn: Turn): void {
  const { member } = turn;
  if (member.sync.isVerified) tell(turn, { [member.self]: member.lastEntry });
}

function tell(turn: Turn, known: Readonly<Record<number, Gtid>>): void {
  const { member } = turn;
  const { source } = member.sync;
  if (source === undefined) return;
  member.sync.reportedAt = member.now;
  const positions = Object.entries(known)
    .filter(([id]) => Number(id) !== source)
    .map(([id, position]): PositionFact => {
      return { member: Number(id), incarnation: '', rollbackId: 0, position };
    });
  if (positions.length === 0) return;
  const body: Pick<OrderedReport, 'kind' | 'positions' | 'sentAt'> = {
    kind: 'positionReport',
    positions,
    sentAt: member.now,
  };
  send(turn, source, body);
}

/** What may have been lost on the way arrives in the end. */
export function reportAgain(turn: Turn): void {
  const { sync, now } = turn.member;
  if (sync.isVerified && now >= sync.reportedAt + sendAgainMillis) report(turn);
}

export function reported(turn: Turn, message: PositionReport): void {
  const { member } = turn;
  const { from, positions, sentAt } = message as OrderedReport;
  if (sentAt < (member.reportedAt[from] ?? Number.NEGATIVE_INFINITY)) return;
  member.reportedAt[from] = sentAt;
  for (const { member: id, position } of positions) member.progress[id] = position;
  if (member.state !== 'primary' && member.sync.isVerified)
    tell(turn, Object.fromEntries(positions.map((fact) => [fact.member, fact.position])));
}

/**
 * A client's `getLastError` ([P] 2.2): enough other members have reported a position that is not lower. `majority` is that of all
 * members, but never more than hold data [M].
 */
export function isHeldAsAsked(
  { state, config, progress, self }: PredecessorMember,
  { w }: WriteConcern,
  position: Gtid,
): boolean {
  if (state !== 'primary') return false;
  const holders = config.members.filter(({ arbiterOnly }) => !arbiterOnly).length;
  const majority = Math.min(Math.floor(config.members.length / 2) + 1, holders);
  const needed = w === 'majority' ? majority : Number(w);
  const others = Object.entries(progress).filter(
    ([id, reached]) => Number(id) !== self && compareGtids(reached, position) >= 0,
  );
  return 1 + others.length >= needed;
}
