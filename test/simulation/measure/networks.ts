/** Where members are and how long a message between them takes. */
export interface Network {
  readonly name: string;
  /** As tables head it. */
  readonly title: string;
  /** Shortest and longest one-way time between two regions, milliseconds; each message draws its own. */
  millis(fromRegion: number, toRegion: number): readonly [number, number];
  /** Share of messages that never arrive. */
  readonly lossRate: number;
  /** Members are spread over so many, in turn. */
  readonly regions: number;
}

const local: readonly [number, number] = [0.2, 1];

export const lan: Network = {
  name: 'lan',
  title: 'LAN 0.2-1 ms',
  millis: () => local,
  lossRate: 0.0001,
  regions: 1,
};

export const metro: Network = {
  name: 'metro',
  title: 'metro 5 ms',
  millis: () => [4.5, 6],
  lossRate: 0.0005,
  regions: 1,
};

/** One way between the regions, milliseconds: two coasts of a continent and another one. */
const betweenRegions: readonly (readonly number[])[] = [
  [0, 30, 75],
  [30, 0, 150],
  [75, 150, 0],
];

export const wan: Network = {
  name: 'wan',
  title: 'WAN 30-150 ms',
  millis(from, to) {
    const shortest = betweenRegions[from]?.[to] ?? 0;
    return shortest === 0 ? local : [shortest, shortest * 1.2];
  },
  lossRate: 0.002,
  regions: 3,
};

/** Every link is slow: the hardest case for candidates that do not know of each other. */
export const far: Network = {
  name: 'far',
  title: 'all links 200 ms',
  millis: () => [200, 240],
  lossRate: 0.002,
  regions: 1,
};
