/** Random writes: updates by operators, by replacement and by pipeline, inserts and deletes. */
import { Int32 } from 'bson';
import type { Draw } from './draw.ts';
import { filter } from './filters.ts';
import { collations } from './indexes.ts';
import { documentOf, type Fields, fields, number, path, scalar, value } from './values.ts';

export interface RandomUpdate {
  readonly kind: 'update';
  readonly filter: Fields;
  readonly update: Fields | readonly Fields[];
  readonly arrayFilters?: readonly Fields[];
  readonly collation?: Fields;
  readonly sort?: Fields;
  readonly multi: boolean;
  readonly upsert: boolean;
}

export type RandomWrite =
  | RandomUpdate
  | { readonly kind: 'delete'; readonly filter: Fields; readonly multi: boolean }
  | { readonly kind: 'insert'; readonly document: Fields };

/** Most are updates; `id` is that of the document when it is an insert. */
export function write(draw: Draw, id: number, documents: readonly Fields[]): RandomWrite {
  const kind = draw.below(20);
  if (kind < 6) return { kind: 'insert', document: documentOf(draw, id) };
  if (kind === 6) {
    return { kind: 'delete', filter: targetOf(draw, documents), multi: draw.chance(0.1) };
  }
  return update(draw, documents);
}

function update(draw: Draw, documents: readonly Fields[]): RandomUpdate {
  const common = {
    kind: 'update',
    filter: targetOf(draw, documents),
    ...(draw.chance(0.1) && { collation: draw.pick(collations) }),
    ...(draw.chance(0.1) && { sort: { [path(draw)]: 1 } }),
  } as const;
  const kind = draw.below(10);
  if (kind === 0) {
    return { ...common, update: fields(draw, 2, 0), multi: false, upsert: draw.chance(0.3) };
  }
  const multi = draw.chance(0.4) && common.sort === undefined;
  const upsert = draw.chance(0.1);
  if (kind === 1) return { ...common, update: draw.list(1, 2, () => stage(draw)), multi, upsert };
  const changes = modifiers(draw);
  const hasIdentifier = JSON.stringify(changes).includes('$[e]');
  return {
    ...common,
    multi,
    upsert,
    update: changes,
    ...(hasIdentifier && { arrayFilters: [arrayFilter(draw)] }),
  };
}

function arrayFilter(draw: Draw): Fields {
  const test = () => ({ [draw.pick(['$gt', '$eq', '$ne', '$lte'])]: scalar(draw) });
  switch (draw.below(4)) {
    case 0:
      return { [`e.${draw.pick(['a', 'b'])}`]: test() };
    case 1:
      return { $or: [{ e: test() }, { 'e.a': test() }] };
    default:
      return { e: test() };
  }
}

function targetOf(draw: Draw, documents: readonly Fields[]): Fields {
  const kind = draw.below(10);
  if (kind < 4) return { _id: new Int32(draw.below(documents.length)) };
  return kind < 6 ? {} : filter(draw, 1, documents);
}

function stage(draw: Draw): Fields {
  switch (draw.below(6)) {
    case 0:
      return { $unset: draw.chance(0.5) ? path(draw) : [path(draw), draw.pick(['a', 'b'])] };
    case 4:
      return { $project: { [path(draw)]: draw.pick([0, 1]) } };
    case 5:
      return { $replaceRoot: { newRoot: { _id: '$_id', a: `$${path(draw)}`, b: '$$ROOT.c' } } };
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
  (draw) => ['$pull', filter(draw, 0)],
  (draw) => ['$pull', { $in: draw.list(0, 3, () => value(draw, 1)) }],
  (draw) => ['$bit', { [draw.pick(['and', 'or', 'xor'])]: new Int32(draw.below(8)) }],
  (draw) => ['$currentDate', draw.pick([true, { $type: 'timestamp' }, { $type: 'date' }])],
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
  if (kind === 4) return `${plain}.$[e].${draw.pick(['a', 'b'])}`;
  return plain;
}
