import { beginAsInThePaper, electBehindTheBack, majority } from './partition.ts';
import type { StoryScript } from './story.ts';

export const example2: StoryScript = {
  id: 'EX2',
  title: 'Example 2: positions that interleave',
  source: '[W] Example 2',
  about:
    'As Example 1; then the old primary takes B, and a member that holds A is told to pull from it.',
  shows: 'losses',
  members: 5,
  seeds: 10,
  play(stage) {
    beginAsInThePaper(stage);
    const split = electBehindTheBack(stage);
    if (split === undefined) return;
    const b = stage.write(0, 'B');
    if (b === undefined) return;
    stage.cameToThePoint = true;
    const follower = majority.find((id) => id !== split.elected)!;
    stage.pullFrom(follower, 0);
    stage.until(() => b.isAcknowledged, 3000);
    stage.run(20_000);
  },
};
