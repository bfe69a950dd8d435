import { majority, minority } from './partition.ts';
import type { StoryScript } from './story.ts';

const five = [0, 1, 2, 3, 4] as const;

export const figure8: StoryScript = {
  id: 'FIG8',
  title: "Raft's figure 8: an old entry on a majority is not safe yet",
  source: 'Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm", figure 8',
  about:
    'n0 writes A, which only n1 gets. Another primary writes B, which nobody gets. A reaches a majority under a third, a client is told so, and the third loses power; the second comes back.',
  shows: 'losses',
  members: 5,
  play(stage) {
    stage.begin({ 1: 0, 2: 0, 3: 0, 4: 0 });
    stage.cut(minority, majority);
    const a = stage.write(0, 'A');
    if (a === undefined || !stage.until(() => stage.holds(1, a), 1000)) return;
    stage.run(100);
    for (const id of minority) stage.crash(id);
    if (!stage.until(() => stage.leaderAmong(majority) !== undefined, 60_000)) return;
    const second = stage.leaderAmong(majority)!;
    const rest = five.filter((id) => id !== second);
    stage.cut([second], rest);
    const b = stage.write(second, 'B');
    stage.run(100);
    stage.crash(second, 1);
    stage.heal();
    for (const id of minority) stage.start(id);
    const third = () => stage.leaderAmong(rest);
    if (b === undefined || !stage.until(() => third() !== undefined, 600_000)) return;
    const isOnMajority = () =>
      five.filter((id) => stage.isUp(id) && stage.holds(id, a)).length >= 3;
    if (!stage.until(isOnMajority, 30_000)) return;
    const asked = third();
    if (asked === undefined) return;
    stage.cameToThePoint = true;
    stage.askAgain(asked, a);
    stage.until(() => a.isAcknowledged, 3000);
    stage.crash(asked, 1);
    stage.start(second);
    stage.run(90_000);
  },
};
