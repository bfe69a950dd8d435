/** Random filters, sorts, projections and indexes. */
import { BSONRegExp, Int32 } from 'bson';
import type { Draw } from './draw.ts';
import { type Fields, path, scalar, seen, value } from './values.ts';

export interface Query {
  readonly filter: Fields;
  readonly sort?: Fields;
  readonly projection?: Fields;
  readonly skip?: number;
  readonly limit?: number;
  readonly collation?: Fields;
}

export function query(draw: Draw, documents: readonly Fields[]): Query {
  return {
    filter: filter(draw, 2, documents),
    ...(draw.chance(0.5) && { sort: sort(draw) }),
    ...(draw.chance(0.3) && { projection: projection(draw) }),
    ...(draw.chance(0.1) && { skip: draw.below(4) }),
    ...(draw.chance(0.3) && { limit: draw.between(1, 5) }),
    ...(draw.chance(0.25) && { collation: draw.pick(collations) }),
  };
}

/** Few, so that queries meet indexes of their own collation. */
const collations: readonly Fields[] = [
  { locale: 'en', strength: 2 },
  { locale: 'en', strength: 1, numericOrdering: true },
];

/** `depth` levels of $and, $or and $nor at most; half of its leaves are about something in `documents`. */
export function filter(draw: Draw, depth: number, documents: readonly Fields[] = []): Fields {
  const kind = depth === 0 ? 0 : draw.below(10);
  if (kind === 0 && draw.chance(0.1)) return {};
  if (kind < 6) {
    return Object.fromEntries(draw.list(1, 2, () => leaf(draw, documents)));
  }
  if (kind === 6 && draw.chance(0.4)) return { $expr: expression(draw) };
  const branches = draw.list(1, 3, () => filter(draw, depth - 1, documents));
  return {
    [draw.pick(['$and', '$or', '$or', '$nor'])]: branches,
    ...(draw.chance(0.3) && { [path(draw)]: predicate(draw, 1) }),
  };
}

function leaf(draw: Draw, documents: readonly Fields[]): [path: string, predicate: unknown] {
  const found = draw.chance(0.6) ? seen(draw, documents) : undefined;
  if (found === undefined) return [path(draw), predicate(draw, 2)];
  return [found.path, about(draw, found.value)];
}

/** A predicate that a field of this value meets, or just misses. */
function about(draw: Draw, found: unknown): unknown {
  switch (draw.below(8)) {
    case 0:
      return found;
    case 1:
      return { $in: [found, scalar(draw)] };
    case 2:
      return { $gte: found, ...(draw.chance(0.3) && { $lte: scalar(draw) }) };
    case 3:
      return { $lte: found };
    case 4:
      return { [draw.pick(['$gt', '$lt', '$ne'])]: found };
    case 5:
      return { $elemMatch: { [draw.pick(['$eq', '$gte', '$lte'])]: found } };
    case 6:
      return { $not: { [draw.pick(['$gt', '$lt', '$gte'])]: found } };
    default:
      return { $eq: found };
  }
}

type Operator = (draw: Draw, depth: number) => Fields;

const operators: readonly Operator[] = [
  (draw) => ({ $eq: value(draw) }),
  (draw) => ({ $ne: value(draw) }),
  (draw) => ({ $gt: value(draw, 1) }),
  (draw) => ({ $gte: value(draw, 1) }),
  (draw) => ({ $lt: value(draw, 1) }),
  (draw) => ({ $lte: value(draw, 1) }),
  (draw) => ({ $gt: scalar(draw), $lt: scalar(draw) }),
  (draw) => ({ $gte: scalar(draw), $lte: scalar(draw) }),
  (draw) => ({ $in: draw.list(0, 4, () => member(draw)) }),
  (draw) => ({ $nin: draw.list(0, 3, () => member(draw)) }),
  (draw) => ({ $exists: draw.chance(0.5) }),
  (draw) => ({
    $type: draw.pick(['int', 'number', 'string', 'array', 'object', 'null', 'bool', 3]),
  }),
  (draw) => ({ $size: draw.below(3) }),
  (draw) => ({ $mod: [draw.between(1, 3), draw.below(2)] }),
  (draw) => ({ $all: draw.list(1, 2, () => value(draw, 1)) }),
  (draw) => ({
    $regex: draw.pick(['^a', 'b', '^ab', '^$', '^a|b', '^A']),
    $options: draw.pick(['', 'i']),
  }),
  (draw) => ({ $bitsAllSet: draw.below(4) }),
  (draw) => ({ $bitsAnyClear: draw.below(4) }),
  (draw, depth) => ({ $not: comparison(draw, depth - 1) }),
  (draw, depth) => ({ $elemMatch: comparison(draw, depth - 1) }),
  (draw, depth) => ({ $elemMatch: filter(draw, Math.max(0, depth - 1)) }),
];

function predicate(draw: Draw, depth: number): unknown {
  if (draw.chance(0.3)) return value(draw, 1);
  return comparison(draw, depth);
}

function comparison(draw: Draw, depth: number): Fields {
  const deep = 3;
  return draw.pick(depth > 0 ? operators : operators.slice(0, -deep))(draw, depth);
}

/** $in takes regular expressions as such. */
function member(draw: Draw): unknown {
  return draw.chance(0.1) ? new BSONRegExp(draw.pick(['^a', 'b']), '') : value(draw, 1);
}

function expression(draw: Draw): Fields {
  const operand = () => (draw.chance(0.7) ? `$${path(draw)}` : { $literal: scalar(draw) });
  const operator = draw.pick(['$eq', '$ne', '$gt', '$gte', '$lt', '$lte']);
  const leaf = { [operator]: [operand(), operand()] };
  return draw.chance(0.2) ? { $and: [leaf, { $gt: [operand(), operand()] }] } : leaf;
}

function sort(draw: Draw): Fields {
  const paths = draw.list(1, 2, () => path(draw));
  return Object.fromEntries(paths.map((one) => [one, draw.pick([1, -1])]));
}

/** Inclusions, which an index may cover; one path of each field, as others might collide. */
function projection(draw: Draw): Fields {
  const byField = new Map(draw.list(1, 3, () => path(draw)).map((one) => [one.split('.')[0], one]));
  const paths = [...byField.values()].filter((one) => one !== '_id');
  const included = Object.fromEntries(paths.map((one) => [one, 1]));
  return draw.chance(0.7) && paths.length > 0 ? { ...included, _id: 0 } : { ...included, _id: 1 };
}

export interface RandomIndex {
  readonly key: Fields;
  readonly name: string;
  readonly sparse?: boolean;
  readonly unique?: boolean;
  readonly partialFilterExpression?: Fields;
  readonly collation?: Fields;
}

const partialFilters: readonly Fields[] = [
  { a: { $exists: true } },
  { b: { $gt: new Int32(0) } },
  { a: { $type: 'number' }, c: { $gte: new Int32(1) } },
  { $or: [{ a: new Int32(1) }, { b: new Int32(1) }] },
  { d: new Int32(1) },
];

/** Indexes of different keys; each finds all documents, unless it is sparse or partial. */
export function indexes(draw: Draw): RandomIndex[] {
  const byName = new Map<string, RandomIndex>();
  for (const index of draw.list(2, 6, () => indexOf(draw))) byName.set(index.name, index);
  return [...byName.values()];
}

function indexOf(draw: Draw): RandomIndex {
  const key = keyPattern(draw);
  const name = Object.entries(key)
    .map(([field, direction]) => `${field}_${String(direction)}`)
    .join('_');
  const kind = draw.below(10);
  if (kind === 0) return { key, name, sparse: true };
  if (kind === 1) return { key, name, partialFilterExpression: draw.pick(partialFilters) };
  if (kind === 2) return { key, name, unique: true };
  if (kind < 5) return { key, name, collation: draw.pick(collations) };
  return { key, name };
}

function keyPattern(draw: Draw): Fields {
  const kind = draw.below(12);
  if (kind === 0) return { [path(draw)]: 'hashed' };
  if (kind === 1) return { '$**': 1 };
  if (kind === 2) return { [`${draw.pick(['a', 'b', 'c'])}.$**`]: 1 };
  const paths = draw.list(1, 3, () => path(draw)).filter((one) => one !== '_id');
  if (paths.length === 0) return { a: 1 };
  return Object.fromEntries(paths.map((one) => [one, draw.pick([1, 1, -1])]));
}
