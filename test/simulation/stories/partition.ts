import type { Stage, Write } from './stage.ts';

/*
 * The beginning that the white paper's examples share: n0 leads five members, n1 and n2 pull from it, n3 and n4 from n2 (the paper counts
 * from one); then {n0, n1} and {n2, n3, n4} lose each other. That n0 "has yet to step down" when it is back in sight is a matter of
 * timeouts that end within the same second; here the host of n0 and n1 is suspended while it is cut off, so that its timers stand still.
 */

export const minority = [0, 1] as const;
export const majority = [2, 3, 4] as const;

export function beginAsInThePaper(stage: Stage, has = { firstWrite: true }): void {
  stage.begin({ 1: 0, 2: 0, 3: 2, 4: 2 }, has);
}

/**
 * The majority elects a primary of its own and the write A is acknowledged there, while n0 has not noticed yet. Undefined where n0 was
 * quicker: then there is no story. They see each other again when this returns.
 */
export function electBehindTheBack(stage: Stage): { elected: number; a: Write } | undefined {
  loseSight(stage);
  stage.until(() => stage.leaderAmong(majority) !== undefined, 60_000);
  const elected = stage.leaderAmong(majority);
  const a = elected === undefined ? undefined : stage.write(elected, 'A');
  if (elected === undefined || a === undefined) return undefined;
  stage.until(() => a.isAcknowledged, 5000);
  stage.run(2000);
  meetAgain(stage);
  return a.isAcknowledged && stage.leads(0) ? { elected, a } : undefined;
}

/** n2 is the one that stands: the others of its side have been told not to, for as long as this takes. They vote. */
export function loseSight(stage: Stage): void {
  for (const id of majority) if (id !== 2) stage.freeze(id, 20_000);
  stage.cut(minority, majority);
  for (const id of minority) stage.suspend(id);
}

export function meetAgain(stage: Stage): void {
  stage.heal();
  for (const id of minority) stage.resume(id);
}
