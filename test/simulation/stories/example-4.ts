import { loseSight, meetAgain } from './partition.ts';
import type { StoryScript } from './story.ts';

export const example4: StoryScript = {
  id: 'EX4',
  title: 'An election that fails',
  source: '[P] 4.2.1',
  about:
    'One member has voted yes in an election that then fails; the old primary is healthy. Its majority writes must go on.',
  shows: 'outage',
  members: 5,
  play(stage) {
    stage.begin({ 1: 0, 2: 0, 3: 0, 4: 0 });
    loseSight(stage);
    const { network } = stage.world;
    const before = stage.votes.length;
    // The first request for a vote arrives at one member; no other does, and no answer.
    network.filter = (_from, _to, { kind }) =>
      kind === 'voteAnswer' ? false : kind !== 'voteRequest' || stage.votes.length === before;
    if (!stage.until(() => stage.votes.length > before, 60_000)) return;
    stage.cameToThePoint = true;
    meetAgain(stage);
    network.filter = (_from, _to, { kind }) => kind !== 'voteAnswer';
    stage.run(1000);
    network.filter = undefined;
    stage.until(() => stage.world.primary() !== undefined, 60_000);
    const a = stage.write(stage.world.primary() ?? 0, 'A');
    if (a !== undefined) stage.until(() => a.isAcknowledged, 30_000);
    stage.run(30_000);
  },
};
