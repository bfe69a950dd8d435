import { lostIn, versionIn, votersIn } from './config-codes.ts';
import { type Fingerprints, hashed, hashRow } from './fingerprints.ts';
import type { LocalState } from './local-state.ts';
import { positionOf } from './logs.ts';
import type { Model } from './model.ts';
import type { Violation } from './successor.ts';

/**
 * A shortest way to a violation, one line per step. The search keeps fingerprints only, so the way is walked again from the start: from each state
 * the successor whose fingerprint is next, in the same model, whose numbering the fingerprints depend on. Members keep the name they had at the beginning.
 */
export function traceTo(
  model: Model,
  visited: Fingerprints,
  last: number,
  isWanted: (violation: Violation) => boolean,
): string[] {
  const chain: number[] = [];
  for (let at = last; at !== 0; at = visited.parentOf(at)) chain.unshift(at);
  const lines: string[] = [];
  let row = model.initial();
  let names = Array.from({ length: model.layout.members }, (_, at) => 'ABCDEFG'[at] ?? `${at}`);
  for (const target of [...chain, undefined]) {
    const found = stepTo(model, row, visited, target, isWanted);
    if (found === undefined) {
      lines.push('the way from here is lost');
      return lines;
    }
    const { what, member, other, detail } = found.action;
    const who = names[member];
    const whom = other === -1 ? '' : ` ${names[other]}`;
    row = found.row;
    const renamed = found.order.map((before) => names[before]!);
    const set = formatSet(model, row, renamed);
    names = renamed;
    lines.push(`${who} ${what}${whom} ${detail}`.trimEnd().padEnd(34) + set);
    if (found.violation !== undefined) lines.push(`violates ${found.violation}`);
  }
  return lines;
}

function stepTo(
  model: Model,
  from: Int32Array,
  visited: Fingerprints,
  target: number | undefined,
  isWanted: (violation: Violation) => boolean,
) {
  let found:
    | {
        row: Int32Array<ArrayBuffer>;
        order: number[];
        action: Model['action'];
        violation: Violation | undefined;
      }
    | undefined;
  model.forEachSuccessor(from, () => {
    if (found !== undefined) return;
    const { canonical, action } = model;
    const { row, violation } = model.next;
    hashRow(row, model.layout.width);
    const isIt =
      target === undefined
        ? violation !== undefined && isWanted(violation)
        : visited.isAt(target, hashed.high, hashed.low);
    if (!isIt) return;
    found = {
      row: Int32Array.from(row),
      order: [...canonical.order],
      action: { ...action },
      violation: target === undefined ? violation : undefined,
    };
  });
  return found;
}

function formatSet(model: Model, row: Int32Array, names: readonly string[]): string {
  const members = names.map((name, at) => ({ name, text: formatMember(model, row, at, names) }));
  const sorted = members.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const committed = model.commits.format(row[model.layout.commits]!);
  return `${sorted.map(({ name, text }) => `${name} ${text}`).join('  ')}  committed ${committed}`;
}

function formatMember(model: Model, row: Int32Array, at: number, names: readonly string[]): string {
  const local = model.locals.at(row[at]!);
  const disk = local.disk === local.log ? '' : ` disk ${model.logs.format(local.disk)}`;
  const vote = local.vote === local.diskVote ? '' : ` vote ${local.diskVote} on disk`;
  const lost = local.incarnation === 0 ? '' : ' after a lost disk';
  return `${roleText(local, names)}${lost}${configText(local, names)} voted ${local.voted}${vote} ${model.logs.format(local.log)}${disk}`;
}

function configText({ config }: LocalState, names: readonly string[]): string {
  if (config === 0) return '';
  const { term, version, admission } = versionIn(config);
  const lost = lostIn(config);
  if (lost !== undefined)
    return ` config ${term}.${version}.${admission} ${names[lost.id]}${lost.isReplaced ? ' replaced' : ' lost'}`;
  const voters = names.filter((_, at) => (votersIn(config) >> at) & 1);
  return ` config ${term}.${version} ${voters.toSorted().join('')}`;
}

function roleText(local: LocalState, names: readonly string[]): string {
  switch (local.role) {
    case 'secondary':
      return 'secondary';
    case 'voting':
    case 'ownVote': {
      const { term, opid } = positionOf(local.asked);
      return `candidate(${local.term}, has ${term}.${opid})`;
    }
    case 'catchingUp':
    case 'awaitingNoop':
    case 'writable':
      return `PRIMARY(${local.term})`;
    case 'arbiter':
      return 'arbiter';
    case 'rollback':
      return `rollback to ${names[local.source]}`;
    case 'initialSync':
      return local.source === -1 ? 'initial sync' : `initial sync from ${names[local.source]}`;
  }
}
