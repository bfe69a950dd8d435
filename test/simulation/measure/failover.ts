import { arkWorld } from '../world/index.ts';

/** What one lost primary cost. */
export interface Failover {
  /** From the loss until a majority holds a write of the next primary, milliseconds. */
  readonly millis: number;
  /** Terms asked for until then: 1 when the first deciding round was won. */
  readonly rounds: number;
}

/** The primary of a set on a local network is killed, so its connections close; one trial per seed. */
export function failoverAfterCrash(members: number, seed: number): Failover {
  const cluster = arkWorld({ members, seed, networkMillis: [0.2, 1], story: false }).bootstrap();
  cluster.awaitPrimary();
  cluster.run(2_000 + cluster.random() * 1_000);
  const lost = cluster.awaitPrimary();
  const before = cluster.member(lost).maxVotedTermId;
  const lostAt = cluster.now;
  cluster.crash(lost);
  cluster.runUntil(() => {
    const next = cluster.primary();
    return next !== undefined && cluster.member(next).commitPoint.term > before;
  });
  const terms = cluster.nodes.map(({ member }) => member?.maxKnownTermId ?? 0);
  return { millis: cluster.now - lostAt, rounds: Math.max(...terms) - before };
}
