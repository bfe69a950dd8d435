import { loseSight, majority, meetAgain } from './partition.ts';
import type { Stage } from './stage.ts';
import type { StoryScript } from './story.ts';

/** Two of the majority have said yes to the third, which has not heard them yet, and n0 still leads. Who is it? */
function electedWithoutKnowing(stage: Stage, votesAreLate = false): number | undefined {
  stage.begin({ 1: 0, 2: 0, 3: 0, 4: 0 });
  loseSight(stage);
  const { network } = stage.world;
  if (votesAreLate)
    network.filter = (from, to, { kind }) => {
      if (kind === 'voteAnswer') network.clog(from, to, stage.world.now + 400);
      return true;
    };
  const winner = () =>
    majority.find((id) => {
      const voters = stage.votes.filter(({ candidate }) => candidate === id);
      return new Set(voters.map(({ voter }) => voter)).size >= 2;
    });
  stage.until(() => winner() !== undefined, 60_000);
  return winner();
}

export const example3: StoryScript = {
  id: 'EX3',
  title: 'Example 3: votes and acknowledgements know nothing of each other',
  source: '[W] Example 3; [P] Problem 3.1',
  about:
    'Two members have voted for a new primary that hangs before it can lead. The network heals, and the old primary gets A acknowledged, by those voters too; then the new one wakes and writes B.',
  shows: 'losses',
  members: 5,
  play(stage) {
    const elected = electedWithoutKnowing(stage);
    if (elected === undefined) return;
    stage.pause(elected);
    // The votes arrive there, unread.
    stage.run(50);
    meetAgain(stage);
    const a = stage.write(0, 'A');
    if (a === undefined) return;
    stage.cameToThePoint = true;
    stage.until(() => a.isAcknowledged, 4000);
    stage.resume(elected);
    if (stage.until(() => stage.leads(elected), 1000)) stage.write(elected, 'B');
    stage.run(20_000);
  },
};

export const example3b: StoryScript = {
  id: 'EX3b',
  title: 'Example 3, but the new primary has seen A',
  source: 'variant of [W] Example 3',
  about: 'As Example 3, but only the votes are late: the new primary copies A before it leads.',
  shows: 'losses',
  members: 5,
  play(stage) {
    const elected = electedWithoutKnowing(stage, true);
    if (elected === undefined) return;
    meetAgain(stage);
    const a = stage.write(0, 'A');
    if (a === undefined) return;
    stage.cameToThePoint = true;
    if (stage.until(() => stage.leads(elected), 10_000)) stage.write(elected, 'B');
    stage.run(20_000);
  },
};
