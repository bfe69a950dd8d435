import { compareGtids, initialGtid } from './gtid.ts';
import { incarnationCounts } from './liveness.ts';
import { type Member, membersOf } from './member.ts';
import type { PositionFact, PositionReport } from './messages.ts';
import { memberById } from './replica-set-config.ts';
import { isSecondary } from './role.ts';
import { learnTerm } from './terms.ts';
import { addressOf, send, type Turn } from './turn.ts';

/*
 * Acknowledged positions travel towards the primary as facts about their originator. A forwarder's own votes, log and
 * role are irrelevant to them, so they may be delayed, doubled and reordered; only a higher rollback id takes one back (G8).
 */

/**
 * The Ark gate: acknowledge only while no vote has been given in a term above the last entry's. Taken from the durable end of
 * the log (G3), so what is acknowledged survives power loss.
 */
export function canAcknowledge(member: Member): boolean {
  const { role, rules } = member;
  if (role.kind === 'primary') return acknowledgeable(member).term === role.term;
  const isQuiet = !isSecondary(role);
  if (isQuiet && (rules.quietStates || role.kind !== 'rollback')) return false;
  return !rules.acknowledgementGate || acknowledgeable(member).term >= member.maxVotedTermId;
}

function acknowledgeable({ role, rules, lastDurable, lastEntry }: Member) {
  const durableOnly =
    role.kind === 'primary' ? rules.primaryCountsDurableOnly : rules.acknowledgeDurableOnly;
  return durableOnly ? lastDurable : lastEntry;
}

/** Run after every input: takes note of what this member itself may now acknowledge and reports it. */
export function acknowledge(turn: Turn): void {
  const { member } = turn;
  const { self, incarnation, rollbackId, rules } = member;
  if (self === undefined) return;
  const before = member.progress[self];
  const rolledBack = rules.rollbackWithdraws && (before?.rollbackId ?? rollbackId) < rollbackId;
  const position = canAcknowledge(member) ? acknowledgeable(member) : initialGtid;
  const isHigher = compareGtids(position, before?.position ?? initialGtid) > 0;
  if (!isHigher && !rolledBack) return;
  const fact: PositionFact = { member: self, incarnation, rollbackId, position };
  member.progress[self] = fact;
  report(turn, [fact]);
}

export function onPositionReport(turn: Turn, message: PositionReport): void {
  receiveFacts(turn, message.from, message.positions);
}

/** Keeps what is new and passes it on. */
export function receiveFacts(turn: Turn, from: number, facts: readonly PositionFact[]): void {
  const { member } = turn;
  const news: PositionFact[] = [];
  for (const fact of facts) {
    if (!isNews(member, from, fact)) continue;
    member.progress[fact.member] = fact;
    if (member.rules.messageTermsHeeded) learnTerm(turn, fact.position.term);
    news.push(fact);
  }
  if (news.length === 0) return;
  if (member.role.kind === 'primary') turn.effects.push({ kind: 'progress' });
  else report(turn, news);
}

function isNews(member: Member, from: number, fact: PositionFact): boolean {
  const config = memberById(member.config, fact.member);
  if (config === undefined || fact.member === member.self) return false;
  if (!incarnationCounts(member, config, fact.incarnation)) return false;
  const known = member.progress[fact.member];
  if (known === undefined) return true;
  // Not recorded yet which incarnation counts: believe the member itself about who it is.
  if (known.incarnation !== fact.incarnation) return from === fact.member;
  if (member.rules.rollbackWithdraws && known.rollbackId !== fact.rollbackId)
    return known.rollbackId < fact.rollbackId;
  return compareGtids(known.position, fact.position) < 0;
}

/** All that is known, for a source that may know nothing of it. */
export function reportAll(turn: Turn): void {
  report(turn, Object.values(turn.member.progress));
}

function report(turn: Turn, facts: readonly PositionFact[]): void {
  const { member } = turn;
  const { source } = member.sync;
  if (source === undefined || member.role.kind === 'primary') return;
  const positions = facts.filter((fact) => fact.member !== source);
  if (positions.length === 0) return;
  send(turn, addressOf(member, source), { kind: 'positionReport', positions });
}

/** Positions that count for a write concern in this term, the primary's own, by member id, the primary's own among them. */
export function countedPositions(member: Member, term: number): PositionFact[] {
  const { rules } = member;
  const counted: PositionFact[] = [];
  for (const one of membersOf(member)) {
    const fact = member.progress[one._id];
    if (fact === undefined || one.arbiterOnly) continue;
    if (!incarnationCounts(member, one, fact.incarnation)) continue;
    // G1, G2: another term's position, even a higher one, says nothing about entries of this term.
    if (rules.commitOwnTermOnly && fact.position.term !== term) continue;
    counted.push(fact);
  }
  return counted;
}
