import { randomFrom } from '../world/index.ts';
import { beginAsInThePaper, electBehindTheBack } from './partition.ts';
import type { StoryScript } from './story.ts';

export const server9848: StoryScript = {
  id: 'S-9848',
  title: 'Two primaries that do not see each other',
  source: 'SERVER-9848; [P] Problem 3.2',
  about:
    'n0 reaches n2 but n2 does not reach n0, and n0 and n1 do not reach each other: n1 is elected beside n0, if anybody votes for it. It stays so for a minute.',
  shows: 'twoPrimaries',
  members: 3,
  play(stage) {
    stage.begin({ 1: 0, 2: 0 });
    stage.freeze(2, 600_000);
    stage.cut([0], [1]);
    // What n2 asks of n0 is not answered; what n0 asks of n2 is. The majority that n0 sees is real.
    stage.world.network.filter = (from, to, { kind }) =>
      !(from === 0 && to === 2 && kind === 'heartbeatAnswer');
    stage.until(() => stage.leads(1), 40_000);
    stage.cameToThePoint = stage.leads(0);
    stage.run(60_000);
  },
};

export const server9765: StoryScript = {
  id: 'S-9765',
  title: 'Example 1 with clocks that are hours apart, in an idle set',
  source: 'SERVER-9765; [W] Example 1 ("unclear how clock skew impacts this")',
  about:
    'As Example 1, but the old primary has written nothing yet, and the wall clock of each member is up to three hours off. MongoDB 2.6 decides between two primaries by the time of their election, which is later than every entry the winner has: one write of the old primary would have saved A.',
  shows: 'losses',
  members: 5,
  seeds: 10,
  setup: (seed) => {
    const dice = randomFrom(seed * 104_729);
    return { wallClockSeconds: Array.from({ length: 5 }, () => (dice() * 2 - 1) * 10_800) };
  },
  play(stage) {
    beginAsInThePaper(stage, { firstWrite: false });
    if (electBehindTheBack(stage) === undefined) return;
    stage.cameToThePoint = true;
    stage.run(60_000);
  },
};
