import type { MemberConfigInput, WriteConcern } from '../../../src/ark/index.ts';
import type { Draw } from './draw.ts';
import { keptMessages } from './late-messages.ts';
import type { Action, ConfigChange, Link, Setup, Who } from './plan.ts';
import type { Profile } from './profiles.ts';

type WithoutTime<T> = T extends Action ? Omit<T, 'after'> : never;

export function drawActions(draw: Draw, profile: Profile, setup: Setup): Action[] {
  return Array.from({ length: profile.actions }, () => {
    const after = draw.millis(profile.pauseMillis);
    return { after, ...drawAction(draw, profile, setup) } as Action;
  });
}

function drawAction(draw: Draw, profile: Profile, setup: Setup): WithoutTime<Action> {
  const { nodes } = setup;
  const who = drawWho(draw, nodes);
  const kind = draw.weighted(profile.weights);
  switch (kind) {
    case 'write':
      return {
        do: kind,
        who: drawWriter(draw, nodes),
        count: 1 + draw.below(profile.burst),
        concern: drawConcern(draw, nodes),
      };
    case 'crash':
      return { do: kind, who, survivingShare: draw.chance(0.6) ? 0 : draw.pick([0.5, 1]) };
    case 'restart':
      return { do: kind, who, survivingShare: draw.chance(0.8) ? 0 : draw.pick([0.5, 1]) };
    case 'read':
      return { do: kind, who: drawWriter(draw, nodes) };
    case 'start':
    case 'pause':
    case 'resume':
      return { do: kind, who: draw.below(nodes) };
    case 'failFlush':
    case 'failWrite':
    case 'wipe':
    case 'snapshot':
    case 'restore':
    case 'trim':
      return { do: kind, who };
    case 'startAll':
    case 'powerCut':
    case 'heal':
      return { do: kind };
    case 'partition':
      return { do: kind, ...drawPartition(draw, nodes) };
    case 'strand':
      return { do: kind, who: 'primary' };
    case 'cutLink':
      return { do: kind, link: drawLink(draw, nodes) };
    case 'clog':
      return { do: kind, link: drawLink(draw, nodes), millis: draw.millis(3000) };
    case 'drift':
      return { do: kind, who, rate: draw.between(0.8, 1.25) };
    case 'jumpClock':
      return { do: kind, who, millis: draw.pick([-3_600_000, -10_000, 10_000, 3_600_000]) };
    case 'slowDisk':
      return { do: kind, who, flushMillis: draw.pick([1, 20, 100, 400]) };
    case 'stepDown':
      return {
        do: kind,
        who: draw.chance(0.8) ? 'primary' : who,
        force: draw.chance(0.5),
        freezeMillis: draw.pick([0, 500, 2000]),
      };
    case 'freeze':
      return { do: kind, who, millis: draw.pick([0, 500, 3000]) };
    case 'maintenance':
      return { do: kind, who, on: draw.chance(0.4) };
    case 'syncFrom':
      return { do: kind, who, source: draw.below(nodes) };
    case 'reconfig':
      return { do: kind, who: draw.chance(0.9) ? 'primary' : who, change: drawChange(draw, setup) };
    case 'stranger':
      return { do: kind, who, set: draw.pick(['other', '']) };
    case 'standNow':
      return { do: kind, who: draw.chance(0.5) ? 'secondary' : who, from: draw.below(nodes) };
    case 'replay':
      return { do: kind, kind: draw.pick(messageKinds), back: draw.below(keptMessages) };
  }
}

const messageKinds = [
  'heartbeatRequest',
  'heartbeatAnswer',
  'speculativeVoteRequest',
  'speculativeVoteAnswer',
  'voteRequest',
  'voteAnswer',
  'positionReport',
  'standNow',
] as const;

/** Faults are worth most where something is going on. */
function drawWho(draw: Draw, nodes: number): Who {
  if (draw.chance(0.45)) return draw.below(nodes);
  return draw.weighted({ primary: 6, candidate: 3, voter: 3, secondary: 2 });
}

function drawWriter(draw: Draw, nodes: number): Who {
  if (draw.chance(0.1)) return draw.below(nodes);
  return draw.chance(0.6) ? 'primary' : 'deposed';
}

function drawConcern(draw: Draw, nodes: number): WriteConcern {
  if (draw.chance(0.6)) return { w: 'majority' };
  return draw.pick<WriteConcern>([
    { w: 0 },
    { w: 1 },
    { w: 2 },
    { w: nodes },
    { w: 'bothSites' },
    { w: { site: 2 } },
    { w: { site: 3 } },
    { w: { site: 2, zone: 2 } },
    { w: { site: 1, zone: 3 } },
    { w: { rack: 1 } },
    { w: 'noSuchMode' },
    { w: 50 },
  ]);
}

function drawLink(draw: Draw, nodes: number): Link {
  const from = draw.below(nodes);
  return [from, nodes < 2 ? from : (from + 1 + draw.below(nodes - 1)) % nodes];
}

function drawPartition(draw: Draw, nodes: number): { shape: string; cut: Link[] } {
  const ids = Array.from({ length: nodes }, (_, id) => id);
  const all = ids.flatMap((from) => ids.filter((to) => to !== from).map((to): Link => [from, to]));
  const center = draw.below(nodes);
  const side = ids.map(() => draw.chance(0.5));
  const shape = draw.weighted({ isolate: 4, deaf: 2, mute: 2, sides: 5, bridge: 2, ring: 1 });
  const isCut = ([from, to]: Link): boolean => {
    switch (shape) {
      case 'isolate':
        return from === center || to === center;
      case 'deaf':
        return to === center;
      case 'mute':
        return from === center;
      case 'sides':
        return side[from] !== side[to];
      case 'bridge':
        return from !== center && to !== center && side[from] !== side[to];
      case 'ring':
        return Math.abs(from - to) !== 1 && Math.abs(from - to) !== nodes - 1;
    }
  };
  return { shape, cut: all.filter(isCut) };
}

function drawChange(draw: Draw, { nodes, members }: Setup): ConfigChange {
  const id = draw.below(nodes);
  switch (draw.weighted({ add: 4, remove: 3, priority: 3, vote: 2, chaining: 1, impossible: 3 })) {
    case 'add': {
      const known = members.find((one) => one._id === id);
      const newcomer: MemberConfigInput = { _id: id, host: `n${id}:1`, votes: 1, priority: 1 };
      const member = draw.chance(0.5) ? { ...newcomer, votes: 0 as const, priority: 0 } : newcomer;
      return { kind: 'add', member: known ?? member };
    }
    case 'remove':
      return { kind: 'remove', id };
    case 'priority':
      return { kind: 'priority', id, priority: draw.pick([0, 1, 2, 5]), force: draw.chance(0.2) };
    case 'vote':
      return { kind: 'vote', id, votes: draw.chance(0.5) ? 0 : 1 };
    case 'impossible':
      return { kind: 'impossible', number: draw.below(1000) };
    case 'chaining':
      return { kind: 'chaining', allowed: draw.chance(0.5) };
  }
}
