/** Random filters, many of them about what some document holds. */
import { BSONRegExp, Int32 } from 'bson';
import type { Draw } from './draw.ts';
import { nearby } from './places.ts';
import { type Fields, path, scalar, seen, value } from './values.ts';

/** `depth` levels of $and, $or and $nor at most; half of its leaves are about something in `documents`. */
export function filter(draw: Draw, depth: number, documents: readonly Fields[] = []): Fields {
  const kind = depth === 0 ? 0 : draw.below(20);
  if (kind === 0 && draw.chance(0.1)) return {};
  if (kind < 12) return Object.fromEntries(draw.list(1, 2, () => leaf(draw, documents)));
  if (kind === 12) return { $expr: expression(draw) };
  if (kind === 13 && draw.chance(0.5)) return { $jsonSchema: schema(draw) };
  const branches = draw.list(1, 3, () => filter(draw, depth - 1, documents));
  return {
    [draw.pick(['$and', '$or', '$or', '$nor'])]: branches,
    ...(draw.chance(0.3) && { [path(draw)]: predicate(draw, 1) }),
  };
}

function leaf(draw: Draw, documents: readonly Fields[]): [path: string, predicate: unknown] {
  if (draw.chance(0.04)) return ['g', nearby(draw)];
  const found = draw.chance(0.6) ? seen(draw, documents) : undefined;
  if (found === undefined) return [path(draw), predicate(draw, 2)];
  return [found.path, about(draw, found.value)];
}

/** A predicate that a field of this value meets, or just misses. */
function about(draw: Draw, found: unknown): unknown {
  switch (draw.below(9)) {
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
    case 7:
      return { $all: Array.isArray(found) && found.length > 0 ? found : [found] };
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
  (draw) => ({ $type: draw.chance(0.3) ? draw.some(types, 2) : draw.pick(types) }),
  (draw) => ({ $size: draw.below(3) }),
  (draw) => ({ $mod: [draw.between(1, 3), draw.below(2)] }),
  (draw) => ({ $all: draw.list(1, 2, () => value(draw, 1)) }),
  (draw) => ({ $regex: draw.pick(patterns), $options: draw.pick(['', 'i', 'm', 'x', 's']) }),
  (draw) => ({ $not: new BSONRegExp(draw.pick(patterns), '') }),
  (draw) => ({ [draw.pick(bitTests)]: draw.below(4) }),
  (draw) => ({ [draw.pick(bitTests)]: draw.list(0, 2, () => draw.below(3)) }),
  (draw, depth) => ({ $not: comparison(draw, depth - 1) }),
  (draw, depth) => ({ $elemMatch: comparison(draw, depth - 1) }),
  (draw, depth) => ({ $elemMatch: filter(draw, Math.max(0, depth - 1)) }),
  (draw, depth) => ({
    $all: draw.list(1, 2, () => ({ $elemMatch: comparison(draw, depth - 1) })),
  }),
];

/** The last ones of `operators` hold others. */
const deepOperators = 4;
const types = ['int', 'number', 'string', 'array', 'object', 'null', 'bool', 'decimal', 3, 'date'];
const patterns = ['^a', 'b', '^ab', '^$', '^a|b', '^A', '(?i)^a', 'é', '^[ab]'];
const bitTests = ['$bitsAllSet', '$bitsAnyClear', '$bitsAllClear', '$bitsAnySet'];

function predicate(draw: Draw, depth: number): unknown {
  if (draw.chance(0.3)) return value(draw, 1);
  return comparison(draw, depth);
}

function comparison(draw: Draw, depth: number): Fields {
  const usable = depth > 0 ? operators : operators.slice(0, -deepOperators);
  return draw.pick(usable)(draw, depth);
}

/** $in takes regular expressions as such. */
function member(draw: Draw): unknown {
  return draw.chance(0.1) ? new BSONRegExp(draw.pick(['^a', 'b']), '') : value(draw, 1);
}

/** Of operators that no value makes fail: an index would hide the failure of what it passes over. */
function expression(draw: Draw): Fields {
  const operand = (): unknown => {
    switch (draw.below(10)) {
      case 0:
        return { $ifNull: [`$${path(draw)}`, { $literal: scalar(draw) }] };
      case 1:
        return { $type: `$${path(draw)}` };
      case 2:
        return { $cmp: [`$${path(draw)}`, { $literal: scalar(draw) }] };
      case 3:
      case 4:
        return { $literal: scalar(draw) };
      default:
        return `$${path(draw)}`;
    }
  };
  const operator = draw.pick(['$eq', '$eq', '$ne', '$gt', '$gte', '$lt', '$lte']);
  const compared = { [operator]: [operand(), operand()] };
  switch (draw.below(8)) {
    case 0:
      return { $and: [compared, { $gt: [operand(), operand()] }] };
    case 1:
      return { $or: [compared, { $isArray: [operand()] }] };
    case 2:
      return { $not: [compared] };
    case 3:
      return { $in: [operand(), [{ $literal: scalar(draw) }, operand()]] };
    default:
      return compared;
  }
}

function schema(draw: Draw): Fields {
  const [one, other] = draw.some(['a', 'b', 'c', 'd'], 2) as [string, string];
  const limits = draw.pick<Fields>([
    { minimum: new Int32(1) },
    { maximum: new Int32(1), exclusiveMaximum: true },
    { minItems: 1, items: { bsonType: 'int' } },
    { enum: [new Int32(1), 'a', null] },
    { pattern: '^a' },
    { properties: { a: { bsonType: ['int', 'null'] } }, additionalProperties: false },
  ]);
  return {
    ...(draw.chance(0.4) && { required: [one] }),
    properties: {
      [one]: { ...(draw.chance(0.5) && { bsonType: draw.pick(['int', 'string', 'array']) }) },
      [other]: limits,
    },
  };
}
