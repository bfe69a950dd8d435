/** Random queries: a filter, and how its results are ordered, cut and shown. */
import type { Draw } from './draw.ts';
import { filter } from './filters.ts';
import { collations } from './indexes.ts';
import { type Fields, path, scalar } from './values.ts';

export interface Query {
  readonly filter: Fields;
  readonly sort?: Fields;
  readonly projection?: Fields;
  readonly skip?: number;
  readonly limit?: number;
  readonly collation?: Fields;
  /** What `distinct` is asked for. */
  readonly path: string;
}

export function query(draw: Draw, documents: readonly Fields[]): Query {
  return {
    filter: filter(draw, 2, documents),
    ...(draw.chance(0.5) && { sort: sort(draw) }),
    ...(draw.chance(0.3) && { projection: projection(draw) }),
    ...(draw.chance(0.1) && { skip: draw.below(4) }),
    ...(draw.chance(0.3) && { limit: draw.between(1, 5) }),
    ...(draw.chance(0.25) && { collation: draw.pick(collations) }),
    path: path(draw),
  };
}

function sort(draw: Draw): Fields {
  const paths = draw.list(1, 3, () => path(draw));
  return Object.fromEntries(paths.map((one) => [one, draw.pick([1, -1])]));
}

/** Most are inclusions, which an index may cover; one path of each field, as others might collide. */
function projection(draw: Draw): Fields {
  const byField = new Map(draw.list(1, 3, () => path(draw)).map((one) => [one.split('.')[0], one]));
  const paths = [...byField.values()].filter((one) => one !== '_id');
  switch (draw.below(10)) {
    case 0:
      return Object.fromEntries(paths.map((one) => [one, 0]));
    case 1:
      return {
        [path(draw)]: { $slice: draw.pick([1, -1, [1, 1]]) },
        ...(draw.chance(0.5) && { d: 1 }),
      };
    case 2:
      return { [draw.pick(['a', 'b'])]: { $elemMatch: filter(draw, 0) } };
    case 3:
      return { _id: 0, e: { $ifNull: [`$${path(draw)}`, { $literal: scalar(draw) }] } };
    case 4:
      return { e: `$${path(draw)}`, [draw.pick(['a', 'b'])]: 1 };
    default: {
      const included = Object.fromEntries(paths.map((one) => [one, 1]));
      return draw.chance(0.7) && paths.length > 0
        ? { ...included, _id: 0 }
        : { ...included, _id: 1 };
    }
  }
}
