import { beginAsInThePaper, electBehindTheBack } from './partition.ts';
import type { StoryScript } from './story.ts';

export const example1: StoryScript = {
  id: 'EX1',
  title: 'Example 1: two primaries meet',
  source: '[W] Example 1; [P] Problem 3.2',
  about:
    'The majority has elected a new primary, which has acknowledged A. The old primary comes back into sight before it has stepped down.',
  shows: 'losses',
  members: 5,
  play(stage) {
    beginAsInThePaper(stage);
    if (electBehindTheBack(stage) === undefined) return;
    stage.cameToThePoint = true;
    stage.run(20_000);
  },
};
