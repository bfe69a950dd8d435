import type { StoryScript } from './story.ts';

const five = [0, 1, 2, 3, 4] as const;

export const server14382: StoryScript = {
  id: 'S-14382',
  title: 'Voters that are bound do not say so',
  source: 'SERVER-14382; [P] Problem 3.3',
  about:
    'The primary loses power; whoever gets the votes to succeed it does too, before it leads. Three of five are left, a majority.',
  shows: 'outage',
  members: 5,
  play(stage) {
    stage.begin();
    stage.crash(0);
    const winner = () =>
      five.find((id) => stage.votes.filter(({ candidate }) => candidate === id).length >= 2);
    if (!stage.until(() => winner() !== undefined, 60_000)) return;
    stage.crash(winner()!);
    stage.cameToThePoint = true;
    stage.until(() => stage.leaderAmong(five) !== undefined, 600_000);
    stage.run(5000);
  },
};

export const server14531: StoryScript = {
  id: 'S-14531',
  title: 'A deciding round without a majority to answer',
  source: 'SERVER-14531; [P] Problem 3.3',
  about:
    'The primary loses power, and the other four are cut into two and two before they have noticed it; fifteen seconds later the network is whole.',
  shows: 'futileRounds',
  members: 5,
  play(stage) {
    stage.begin();
    stage.crash(0);
    stage.cut([1, 2], [3, 4]);
    stage.cameToThePoint = true;
    stage.run(15_000);
    stage.heal();
    stage.until(() => stage.leaderAmong(five) !== undefined, 600_000);
    stage.run(5000);
  },
};

export const server8084: StoryScript = {
  id: 'S-8084',
  title: 'A primary that dies right after its election, three times',
  source: 'SERVER-8084; [P] Problem 3.3',
  about:
    'Each new primary loses power one second after it was elected and comes back ten seconds later.',
  shows: 'outage',
  members: 5,
  play(stage) {
    stage.begin();
    let dead = 0;
    stage.crash(0);
    for (let time = 0; time < 3; time++) {
      stage.until(() => stage.leaderAmong(five) !== undefined, 600_000);
      const elected = stage.leaderAmong(five);
      if (elected === undefined) return;
      stage.run(1000);
      stage.crash(elected);
      stage.run(10_000);
      stage.start(dead);
      dead = elected;
    }
    stage.cameToThePoint = true;
    stage.until(() => stage.leaderAmong(five) !== undefined, 600_000);
    stage.run(5000);
  },
};

export const minutesToElect: StoryScript = {
  id: 'SLOW',
  title: 'Minutes to elect a primary',
  source: '[W] Problem 1 ("elections may take 5-7 minutes")',
  about:
    'The primary of seven members loses power while a switch is failing: for six minutes nearly every other pair of members is cut off from each other, other pairs every twenty seconds.',
  shows: 'outage',
  members: 7,
  play(stage) {
    stage.begin();
    stage.crash(0);
    const { network } = stage.world;
    for (let round = 0; round < 18; round++) {
      network.heal();
      for (let a = 1; a < 7; a++)
        for (let b = a + 1; b < 7; b++) if (stage.dice() < 0.45) network.cut([a], [b]);
      stage.run(20_000);
    }
    stage.cameToThePoint = true;
    stage.heal();
    stage.until(() => stage.world.primary() !== undefined, 600_000);
    stage.run(5000);
  },
};
