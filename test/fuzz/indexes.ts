/** Random indexes: of every kind, over the paths that documents have. */
import { Int32 } from 'bson';
import type { Draw } from './draw.ts';
import { type Fields, path } from './values.ts';

export interface RandomIndex {
  readonly key: Fields;
  readonly name: string;
  readonly sparse?: boolean;
  readonly unique?: boolean;
  readonly hidden?: boolean;
  readonly partialFilterExpression?: Fields;
  readonly wildcardProjection?: Fields;
  readonly collation?: Fields;
}

/** Few, so that queries meet indexes of their own collation. */
export const collations: readonly Fields[] = [
  { locale: 'en', strength: 2 },
  { locale: 'en', strength: 1, numericOrdering: true },
  { locale: 'fr', strength: 3, backwards: true, caseFirst: 'upper' },
  { locale: 'simple' },
];

const partialFilters: readonly Fields[] = [
  { a: { $exists: true } },
  { b: { $gt: new Int32(0) } },
  { a: { $type: 'number' }, c: { $gte: new Int32(1) } },
  { $or: [{ a: new Int32(1) }, { b: new Int32(1) }] },
  { d: new Int32(1) },
  { a: { $in: [new Int32(0), null, 'a'] } },
  { 'a.b': { $lte: new Int32(2) } },
];

/** Indexes of different keys; each finds all documents, unless it is sparse or partial. */
export function indexes(draw: Draw): RandomIndex[] {
  const byName = new Map<string, RandomIndex>();
  for (const index of draw.list(1, 3, () => indexOf(draw))) byName.set(index.name, index);
  return [...byName.values()];
}

function indexOf(draw: Draw): RandomIndex {
  const { key, ...options } = keyPattern(draw);
  const name = Object.entries(key)
    .map(([field, direction]) => `${field}_${String(direction)}`)
    .join('_');
  const index = { key, name, ...options };
  switch (draw.below(12)) {
    case 0:
      return { ...index, sparse: true };
    case 1:
      return { ...index, partialFilterExpression: draw.pick(partialFilters) };
    case 2:
      return { ...index, unique: true };
    case 3:
      return { ...index, unique: true, partialFilterExpression: draw.pick(partialFilters) };
    case 4:
    case 5:
      return { ...index, collation: draw.pick(collations) };
    case 6:
      return { ...index, hidden: draw.chance(0.3) };
    default:
      return index;
  }
}

function keyPattern(draw: Draw): Pick<RandomIndex, 'key' | 'wildcardProjection'> {
  const direction = () => draw.pick([1, 1, -1]);
  switch (draw.below(16)) {
    case 0:
      return { key: { [path(draw)]: 'hashed' } };
    case 1:
      return { key: { [draw.pick(['a', 'b'])]: direction(), [draw.pick(['c', 'd'])]: 'hashed' } };
    case 2:
      return { key: { '$**': direction() } };
    case 3:
      return { key: { [`${draw.pick(['a', 'b', 'c'])}.$**`]: direction() } };
    case 4:
      return { key: { '$**': 1 }, wildcardProjection: draw.pick([{ a: 1, 'b.c': 1 }, { c: 0 }]) };
    case 5:
      return { key: { a: direction(), [`${draw.pick(['b', 'c'])}.$**`]: direction() } };
    case 6:
      return { key: { g: '2dsphere', ...(draw.chance(0.4) && { [path(draw)]: direction() }) } };
    case 7:
      return { key: { g: '2d', ...(draw.chance(0.4) && { [path(draw)]: direction() }) } };
    default: {
      const paths = draw.list(1, 3, () => path(draw)).filter((one) => one !== '_id');
      if (paths.length === 0) return { key: { a: 1 } };
      return { key: Object.fromEntries(paths.map((one) => [one, direction()])) };
    }
  }
}
