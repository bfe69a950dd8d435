/** Up to which entry of the present tenure a rule is satisfied. */
import {
  compareGtids,
  countedPositions,
  type Gtid,
  type Member,
  memberById,
} from '../ark/index.ts';
import type { AcknowledgementRule } from './write-concern-waiters.ts';

/**
 * Undefined: up to none, or this member is not primary. Only positions of the primary's own term
 * count (reliability notes, G1 and G2): a position of another term is of another history.
 */
export function acknowledgedPosition(state: Member, rule: AcknowledgementRule): Gtid | undefined {
  if (state.role.kind !== 'primary') {
    return undefined;
  }
  const { term } = state.role;
  if (rule.kind === 'majority') {
    return state.commitPoint.term === term ? state.commitPoint : undefined;
  }
  const positions = countedPositions(state);
  if (rule.kind === 'count') {
    return nthNewest(
      positions.map(({ position }) => position),
      rule.members,
    );
  }
  const mode = state.config?.settings.getLastErrorModes[rule.mode] ?? {};
  let reached: Gtid | undefined;
  for (const [tag, count] of Object.entries(mode)) {
    const byValue = new Map<string, Gtid>();
    for (const { member, position } of positions) {
      const value = memberById(state.config, member)?.tags[tag];
      const known = value === undefined ? undefined : byValue.get(value);
      if (value !== undefined && (known === undefined || compareGtids(position, known) > 0)) {
        byValue.set(value, position);
      }
    }
    const clause = nthNewest([...byValue.values()], count);
    if (clause === undefined) {
      return undefined;
    }
    reached = reached === undefined || compareGtids(clause, reached) < 0 ? clause : reached;
  }
  return reached;
}

function nthNewest(positions: Gtid[], count: number): Gtid | undefined {
  return positions.sort((a, b) => compareGtids(b, a))[count - 1];
}
