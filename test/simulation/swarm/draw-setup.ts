import type { MemberConfigInput } from '../../../src/ark/index.ts';
import type { Draw } from './draw.ts';
import type { Setup } from './plan.ts';
import type { Profile } from './profiles.ts';

/** Everything about the set that stays as it is: who is in it, how far apart, how slow, on what terms. */
export function drawSetup(draw: Draw, profile: Profile): Setup {
  const size = drawSize(draw, profile);
  const hasSpare = profile.reconfigures && size < 7 && draw.chance(0.5);
  const nodes = hasSpare ? size + 1 : size;
  const shortTimeout = draw.pick([600, 1000, 2000]);
  const isFar = draw.chance(0.2);
  const networkMillis: Setup['networkMillis'] = isFar
    ? [5, draw.between(10, 80)]
    : [0.2, draw.pick(profile.delays)];
  const farLinks = drawFarLinks(draw, nodes, profile.far);
  // A round of an election takes half the timeout at most: two round trips of the slowest link have to fit in, or nobody is ever elected.
  const slowest = networkMillis[1] + Math.max(0, ...farLinks.map(([, , far]) => far));
  const electionTimeoutMillis = Math.max(shortTimeout, 8 * Math.ceil(slowest));
  return {
    nodes,
    members: drawMembers(draw, size, profile),
    settings: {
      heartbeatIntervalMillis: electionTimeoutMillis / draw.pick([2, 4]),
      electionTimeoutMillis,
      catchUpTimeoutMillis: draw.pick([0, electionTimeoutMillis, 2000]),
      chainingAllowed: !draw.chance(profile.unchained),
      getLastErrorModes: { bothSites: { site: 2 } },
      priorityTakeoverDelayMillis: draw.pick([500, 2000]),
    },
    isInitiated: draw.chance(profile.initiated),
    networkMillis,
    lossRate: draw.chance(profile.lossy) ? draw.pick([0.02, 0.1]) : 0,
    duplicateRate: draw.chance(profile.lossy) ? draw.pick([0.02, 0.4]) : 0,
    diskMillis: draw.pick(profile.flushes),
    slowDisks: draw.chance(0.5),
    farLinks,
    clockRates: Array.from({ length: nodes }, () =>
      draw.chance(profile.drifting) ? draw.between(0.85, 1.15) : 1,
    ),
    policies: draw.chance(0.1)
      ? {
          behindInDecidingRound: draw.pick(['no', 'veto']),
          tieSleep: draw.pick(['fixed', 'roundTrips', 'everybody']),
          heartbeats: draw.pick(['even', 'primaryOften', 'othersRarely']),
        }
      : {},
    ambushes: profile.ambushes.filter(() => draw.chance(0.5)),
  };
}

function drawSize(draw: Draw, profile: Profile): number {
  if (draw.chance(profile.huge)) return draw.pick([9, 15, 50]);
  return Number(draw.weighted(profile.sizes));
}

function drawMembers(draw: Draw, size: number, profile: Profile): MemberConfigInput[] {
  const isPlain = draw.chance(profile.plain);
  const members = Array.from({ length: size }, (_, id): MemberConfigInput => {
    const one = { _id: id, host: `n${id}:1` };
    const tags = { site: id % 2 === 0 ? 'east' : 'west', zone: `z${id % 3}` };
    if (id >= 7) return { ...one, votes: 0, priority: 0, hidden: draw.chance(0.3) };
    if (isPlain || id === 0) return { ...one, tags };
    switch (draw.weighted(profile.kinds)) {
      case 'arbiter':
        return { ...one, arbiterOnly: true };
      case 'hidden':
        return { ...one, tags, priority: 0, hidden: true };
      case 'delayed':
        return { ...one, tags, priority: 0, hidden: draw.chance(0.5), secondaryDelaySecs: 1 };
      case 'voteless':
        return { ...one, tags, votes: 0, priority: 0 };
      case 'passive':
        return { ...one, tags, priority: 0 };
      case 'unindexed':
        return { ...one, tags, priority: 0, buildIndexes: false };
      case 'preferred':
        return { ...one, tags, priority: draw.pick([2, 3]) };
      default:
        return { ...one, tags };
    }
  });
  return members;
}

function drawFarLinks(draw: Draw, nodes: number, share: number): Setup['farLinks'] {
  if (nodes < 2 || !draw.chance(share)) return [];
  return Array.from({ length: 1 + draw.below(3) }, () => {
    const from = draw.below(nodes);
    const to = (from + 1 + draw.below(nodes - 1)) % nodes;
    return [from, to, Math.round(draw.between(5, 150))] as const;
  });
}
