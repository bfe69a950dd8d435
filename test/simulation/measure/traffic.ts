import { MeasuredSet, type SetOptions } from './measured-set.ts';

/** Messages of a set without any trouble, per second. */
export interface Traffic {
  /** Heartbeats and their answers. */
  readonly heartbeats: number;
  /** Position reports, which writes cause; not counted above. */
  readonly reports: number;
  /** Of the heartbeats, those that one pair of regions exchanges, both ways, at the mean; 0 when there is one region. */
  readonly heartbeatsBetweenRegions: number;
}

export function steadyTraffic(options: SetOptions, seconds: number): Traffic {
  const set = new MeasuredSet(options);
  set.settle();
  let heartbeats = 0;
  let reports = 0;
  let crossing = 0;
  set.world.watchers.onSend.push((node, message) => {
    if (message.kind === 'positionReport') reports += 1;
    if (message.kind !== 'heartbeatRequest' && message.kind !== 'heartbeatAnswer') return;
    heartbeats += 1;
    if (set.regionOf(node.id) !== set.regionOf(message.to)) crossing += 1;
  });
  set.world.run(seconds * 1_000);
  const { regions } = set.network;
  const pairs = (regions * (regions - 1)) / 2;
  return {
    heartbeats: heartbeats / seconds,
    reports: reports / seconds,
    heartbeatsBetweenRegions: pairs === 0 ? 0 : crossing / seconds / pairs,
  };
}
