import { invariants as allInvariants } from './invariants/index.ts';
import type { Invariant, Watcher } from './watcher.ts';
import type { World } from './world.ts';

/** `losses`: only those that say what a user would suffer. `none`: to measure, or to look on while another protocol loses data. */
export type InvariantChoice = 'all' | 'losses' | 'none' | readonly Invariant[];

/** All watchers of a run, sorted by what they want to hear; none asks for `this`. One may add one's own. */
export type Watchers<M> = { readonly [K in keyof Watcher<M>]-?: NonNullable<Watcher<M>[K]>[] };

export function watchersOf<M>(world: World<M>, choice: InvariantChoice): Watchers<M> {
  const hooks: Watchers<M> = {
    onStart: [],
    onStep: [],
    onSend: [],
    onPrimary: [],
    onAppend: [],
    onRollback: [],
    onUndo: [],
    onCommitPoint: [],
    onAcknowledged: [],
    onRead: [],
    onFatal: [],
    onLog: [],
  };
  for (const invariant of chosen(choice)) {
    const watcher = invariant.watch(world, (detail) => world.broken(invariant.name, detail));
    for (const [name, hook] of Object.entries(watcher))
      (hooks[name as keyof Watchers<M>] as unknown[]).push(hook);
  }
  return hooks;
}

function chosen(choice: InvariantChoice): readonly Invariant[] {
  if (choice === 'all') return allInvariants;
  if (choice === 'none') return [];
  if (choice === 'losses') return allInvariants.filter(({ about }) => about === 'loss');
  return choice;
}
