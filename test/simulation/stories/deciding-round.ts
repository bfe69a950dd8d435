import { loseSight, meetAgain, minority } from './partition.ts';
import type { StoryScript } from './story.ts';

export const decidingRound: StoryScript = {
  id: 'EX5',
  title: 'The deciding round does not look at the log',
  source: '[P] 2.5 ("strange, but true"); [W] Problem 2',
  about:
    'The requests for votes are late. Meanwhile the old primary is back and the voters acknowledge its write A; then they say yes to a candidate without A, which writes B.',
  shows: 'losses',
  members: 5,
  play(stage) {
    stage.begin({ 1: 0, 2: 0, 3: 0, 4: 0 });
    loseSight(stage);
    const { network } = stage.world;
    let hasAsked = false;
    network.filter = (from, to, { kind }) => {
      if (kind === 'voteRequest' && from === 2) {
        hasAsked = true;
        network.clog(from, to, stage.world.now + 50);
      }
      return true;
    };
    if (!stage.until(() => hasAsked, 60_000)) return;
    meetAgain(stage);
    // n2 alone sees nothing of n0 and n1.
    stage.cut(minority, [2]);
    const a = stage.write(0, 'A');
    if (a === undefined) return;
    stage.cameToThePoint = true;
    if (stage.until(() => stage.leads(2), 10_000)) stage.write(2, 'B');
    stage.run(2000);
    stage.heal();
    stage.run(20_000);
  },
};
