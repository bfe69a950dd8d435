import {
  type Input,
  initialGtid,
  isInitialGtid,
  type Member,
  step,
} from '../../../src/ark/index.ts';
import type { Node, World } from '../world/index.ts';

/** Something that no caller says who keeps the contract of `src/ark/inputs.ts`. */
interface Untruth {
  readonly name: string;
  /** What to tell a member as it is now; undefined where it would not be untrue. */
  readonly tell: (member: Member) => Omit<Input, 'now'> | undefined;
  /** Whether the member, told so, has kept its promises. */
  readonly isRefused: (told: Member, kinds: readonly string[]) => boolean;
}

/** Better no member than one that goes on from there. */
const endsItself: Untruth['isRefused'] = (_told, kinds) => kinds.includes('fatal');

const untruths: readonly Untruth[] = [
  {
    name: 'an entry that does not follow the last',
    tell: ({ lastEntry }) => input({ kind: 'appended', gtid: lastEntry }),
    isRefused: endsItself,
  },
  {
    name: 'entries undone that it was not told to undo',
    tell: ({ role, lastEntry, rollbackId }) =>
      role.kind === 'rollback'
        ? undefined
        : input({ kind: 'rolledBack', to: lastEntry, rollbackId: rollbackId + 1, finished: true }),
    isRefused: endsItself,
  },
  {
    name: 'committed entries undone',
    tell: ({ role, commitPoint, rollbackId }) =>
      role.kind !== 'rollback' || isInitialGtid(commitPoint)
        ? undefined
        : input({
            kind: 'rolledBack',
            to: initialGtid,
            rollbackId: rollbackId + 1,
            finished: true,
          }),
    isRefused: endsItself,
  },
  {
    name: 'no common point where none was looked for',
    tell: ({ role }) =>
      role.kind === 'rollback' ? undefined : input({ kind: 'noCommonPoint', source: 0 }),
    isRefused: endsItself,
  },
  {
    name: 'a copy without what was held before',
    tell: ({ role }) =>
      role.kind !== 'initialSync' || role.source === undefined || isInitialGtid(role.held)
        ? undefined
        : input({
            kind: 'initialSyncFinished',
            outcome: 'ok',
            source: role.source,
            lastEntry: initialGtid,
          }),
    isRefused: endsItself,
  },
  {
    name: 'another branch that is not ahead',
    tell: ({ role, sync, lastEntry }) =>
      role.kind !== 'secondary' || sync.source === undefined
        ? undefined
        : input({
            kind: 'fetched',
            outcome: 'diverged',
            source: sync.source,
            sourceLastEntry: lastEntry,
          }),
    isRefused: ({ role }) => role.kind === 'secondary',
  },
];

type WithoutTime<T> = T extends Input ? Omit<T, 'now'> : never;

function input(untimed: WithoutTime<Input>): Omit<Input, 'now'> {
  return untimed;
}

/**
 * Tells copies of members what cannot be, each untruth once a run, as soon as there is a member to whom it is untrue, and demands that it
 * refuses. The members themselves hear nothing of it.
 */
export function tellUntruths(world: World<Member>): void {
  const untold = new Set(untruths);
  world.watchers.onStep.push((node) => {
    if (node.member === undefined) return;
    for (const untruth of untold)
      if (isTold(world, node, node.member, untruth)) untold.delete(untruth);
  });
}

function isTold(
  world: World<Member>,
  node: Node<Member>,
  member: Member,
  { name, tell, isRefused }: Untruth,
): boolean {
  const untrue = tell(member);
  if (untrue === undefined) return false;
  const copy = structuredClone(member);
  const effects = step(copy, { ...untrue, now: member.now } as Input);
  if (
    !isRefused(
      copy,
      effects.map(({ kind }) => kind),
    )
  )
    world.broken('BrokenContract', `n${node.id} goes on when told of ${name}`);
  return true;
}
