import type { StoryScript } from './story.ts';

export const crashedVoter: StoryScript = {
  id: 'CR1',
  title: 'A voter that loses power right after its vote',
  source: 'durable votes: [P] 4.1.1',
  about:
    'n1 is elected with the vote of n2, which loses power and is back at once; n1 is cut off and writes B. n0 and n2 elect n0 again, which writes A.',
  shows: 'positionsGivenTwice',
  members: 3,
  play(stage) {
    stage.begin();
    stage.freeze(2, 600_000);
    stage.cut([0], [1, 2]);
    if (!stage.until(() => stage.votes.some(({ voter }) => voter === 2), 60_000)) return;
    stage.run(3);
    stage.crash(2);
    stage.start(2);
    stage.cut([1], [2]);
    const { network } = stage.world;
    network.restore(0, 2);
    network.restore(2, 0);
    stage.freeze(2, 600_000);
    if (!stage.until(() => stage.leads(1), 1000)) return;
    stage.cameToThePoint = true;
    stage.write(1, 'B');
    // The old primary has lost its majority meanwhile, or never noticed.
    stage.until(() => !stage.leads(0), 3000);
    stage.until(() => stage.leads(0), 60_000);
    stage.write(0, 'A');
    stage.run(20_000);
  },
};

export const crashedWinner: StoryScript = {
  id: 'CR2',
  title: 'A winner that loses power right after its election',
  source: 'durable own vote',
  about:
    'The new primary writes B and loses power before anything of its tenure has survived or left it. The next one writes A.',
  shows: 'positionsGivenTwice',
  members: 3,
  setup: () => ({ diskMillis: 20 }),
  play(stage) {
    stage.begin();
    const all = [0, 1, 2];
    stage.crash(0);
    if (!stage.until(() => stage.leaderAmong(all) !== undefined, 60_000)) return;
    const winner = stage.leaderAmong(all)!;
    // Not a byte leaves it any more.
    stage.cut(
      [winner],
      all.filter((id) => id !== winner),
    );
    stage.write(winner, 'B');
    stage.crash(winner);
    stage.cameToThePoint = true;
    stage.heal();
    stage.start(0);
    stage.until(() => stage.leaderAmong(all) !== undefined, 60_000);
    stage.write(stage.leaderAmong(all) ?? 0, 'A');
    stage.run(5000);
  },
};

export const powerCut: StoryScript = {
  id: 'CR3',
  title: 'A power cut during majority writes',
  source: 'acknowledged means durable',
  about:
    'A client writes and waits for a majority each time; then all members lose power at once, and what their disks had not finished. Disks take 20 ms.',
  shows: 'losses',
  members: 3,
  setup: () => ({ diskMillis: 20 }),
  play(stage) {
    stage.begin();
    for (let i = 1; i <= 20; i++) {
      const write = stage.write(0, `A${i}`);
      if (write === undefined) return;
      stage.until(() => write.isAcknowledged, 1000);
    }
    stage.cameToThePoint = true;
    for (const id of [0, 1, 2]) stage.crash(id);
    stage.run(1000);
    for (const id of [0, 1, 2]) stage.start(id);
    stage.run(60_000);
  },
};
