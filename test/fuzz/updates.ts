/** Random updates, by operators, by replacement and by pipeline. */
import { Int32 } from 'bson';
import type { Draw } from './draw.ts';
import { filter } from './queries.ts';
import { type Fields, fields, number, path, scalar, value } from './values.ts';

export interface RandomUpdate {
  readonly filter: Fields;
  readonly update: Fields | readonly Fields[];
  readonly arrayFilters?: readonly Fields[];
  readonly multi: boolean;
  readonly upsert: boolean;
}

export function update(draw: Draw, documents: readonly Fields[]): RandomUpdate {
  const target = targetOf(draw, documents);
  const kind = draw.below(10);
  if (kind === 0) {
    return { filter: target, update: fields(draw, 2, 0), multi: false, upsert: draw.chance(0.3) };
  }
  const common = { filter: target, multi: draw.chance(0.4), upsert: draw.chance(0.1) };
  if (kind === 1) return { ...common, update: draw.list(1, 2, () => stage(draw)) };
  const changes = modifiers(draw);
  const hasIdentifier = JSON.stringify(changes).includes('$[e]');
  return {
    ...common,
    update: changes,
    ...(hasIdentifier && {
      arrayFilters: [{ e: { [draw.pick(['$gt', '$eq', '$ne'])]: scalar(draw) } }],
    }),
  };
}

function targetOf(draw: Draw, documents: readonly Fields[]): Fields {
  const kind = draw.below(10);
  if (kind < 4) return { _id: new Int32(draw.below(documents.length)) };
  return kind < 6 ? {} : filter(draw, 1, documents);
}

function stage(draw: Draw): Fields {
  switch (draw.below(4)) {
    case 0:
      return { $unset: path(draw) };
    case 1:
      return { $set: { [path(draw)]: `$${path(draw)}` } };
    case 2:
      return { $replaceWith: { $mergeObjects: ['$$ROOT', { a: `$${path(draw)}` }] } };
    default:
      return { $set: { [path(draw)]: { $literal: value(draw) } } };
  }
}

type Modifier = (draw: Draw) => readonly [name: string, argument: unknown];

const modifierTable: readonly Modifier[] = [
  (draw) => ['$set', value(draw, 3)],
  (draw) => ['$set', value(draw, 1)],
  () => ['$unset', ''],
  (draw) => ['$inc', number(draw)],
  (draw) => ['$mul', number(draw)],
  (draw) => ['$min', value(draw, 1)],
  (draw) => ['$max', value(draw, 1)],
  (draw) => ['$rename', path(draw)],
  (draw) => ['$push', value(draw, 1)],
  (draw) => [
    '$push',
    {
      $each: draw.list(0, 3, () => value(draw, 1)),
      ...(draw.chance(0.5) && { $position: draw.between(-2, 2) }),
      ...(draw.chance(0.5) && { $slice: draw.between(-3, 3) }),
      ...(draw.chance(0.4) && { $sort: draw.pick([1, -1, { a: 1 }, { 'a.b': -1 }]) }),
    },
  ],
  (draw) => ['$addToSet', value(draw, 1)],
  (draw) => ['$addToSet', { $each: draw.list(0, 3, () => value(draw, 1)) }],
  (draw) => ['$pop', draw.pick([1, -1])],
  (draw) => ['$pull', draw.chance(0.5) ? value(draw, 1) : { $gt: scalar(draw) }],
  (draw) => ['$pullAll', draw.list(0, 3, () => value(draw, 1))],
  (draw) => ['$bit', { [draw.pick(['and', 'or', 'xor'])]: new Int32(draw.below(8)) }],
  () => ['$currentDate', true],
  (draw) => ['$setOnInsert', value(draw, 1)],
];

function modifiers(draw: Draw): Fields {
  const changes: Record<string, Fields> = {};
  const taken = new Set<string | undefined>();
  for (const [name, argument] of draw.list(1, 3, () => draw.pick(modifierTable)(draw))) {
    const place = updatePath(draw);
    const [field] = place.split('.');
    // Two changes of one field are refused, most times.
    if (taken.has(field) && draw.chance(0.9)) continue;
    taken.add(field);
    changes[name] = { ...changes[name], [place]: argument };
  }
  return changes;
}

/** Sometimes of every element, of those an array filter means, or of the one that matched. */
function updatePath(draw: Draw): string {
  const plain = path(draw);
  const kind = draw.below(12);
  if (kind === 0) return `${plain}.$[]`;
  if (kind === 1) return `${plain}.$[e]`;
  if (kind === 2) return `${plain}.$`;
  if (kind === 3) return `${plain}.$[].${draw.pick(['a', 'b'])}`;
  return plain;
}
