/**
 * Random values, documents and paths of a small world: few names and few values, so that filters
 * match, keys repeat and types meet.
 */
import {
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import type { Draw } from './draw.ts';
import { place } from './places.ts';

export type Fields = Record<string, unknown>;

const names = ['a', 'b', 'c', 'd'] as const;

/** Neighbours in the order of values, and equal ones of different types. */
const scalars: readonly unknown[] = [
  null,
  true,
  false,
  new Int32(0),
  new Int32(1),
  new Int32(2),
  new Int32(-1),
  new Int32(2 ** 31 - 1),
  new Double(0),
  new Double(-0),
  new Double(1),
  new Double(1.5),
  new Double(2 ** 53),
  new Double(Number.NaN),
  new Double(Number.POSITIVE_INFINITY),
  new Double(Number.NEGATIVE_INFINITY),
  new Double(1e300),
  new Double(5e-324),
  Long.fromInt(1),
  Long.fromInt(2),
  Long.fromString('9007199254740993'),
  Long.MAX_VALUE,
  Long.MIN_VALUE,
  Decimal128.fromString('0'),
  Decimal128.fromString('1'),
  Decimal128.fromString('1.50'),
  Decimal128.fromString('-0'),
  Decimal128.fromString('NaN'),
  Decimal128.fromString('Infinity'),
  Decimal128.fromString('1E-6176'),
  Decimal128.fromString('9007199254740993'),
  '',
  'a',
  'A',
  'ab',
  'b',
  'é',
  '\u0000',
  'a\u0000b',
  '\u{1f600}',
  new Date(0),
  new Date(1),
  new Date(-1),
  Timestamp.fromBits(1, 1),
  Timestamp.fromBits(2, 1),
  new ObjectId('000000000000000000000001'),
  new ObjectId('0000000000000000000000ff'),
  new Binary(Buffer.from([1, 2]), 0),
  new Binary(Buffer.from([1, 2]), 5),
  new Binary(Buffer.from([3]), 0),
  new BSONRegExp('a', ''),
  new BSONRegExp('^a', 'i'),
  new Code('x'),
  new MinKey(),
  new MaxKey(),
];

/** Numbers of all types, more often than chance would give them. */
const numbers = scalars.slice(3, 31);

export function scalar(draw: Draw): unknown {
  const kind = draw.below(10);
  if (kind < 4) return new Int32(draw.below(4));
  if (kind < 6) return draw.pick(numbers);
  if (kind < 7) return draw.pick(['a', 'b', 'ab', '']);
  return draw.pick(scalars);
}

export function number(draw: Draw): unknown {
  return draw.chance(0.5) ? new Int32(draw.between(-2, 3)) : draw.pick(numbers);
}

/** At most `depth` levels of arrays and documents. */
export function value(draw: Draw, depth = 2): unknown {
  const kind = depth === 0 ? 0 : draw.below(10);
  if (kind < 6) return scalar(draw);
  if (kind < 8) return draw.list(0, 3, () => value(draw, depth - 1));
  return fields(draw, depth - 1, 0);
}

export function fields(draw: Draw, depth = 2, least = 1): Fields {
  const chosen = draw.some(
    [...names, ...(draw.chance(0.1) ? ['0', ''] : [])],
    draw.between(least, 3),
  );
  return Object.fromEntries(chosen.map((name) => [name, value(draw, depth)]));
}

export function documentOf(draw: Draw, id: number): Fields {
  return {
    _id: new Int32(id),
    ...fields(draw, 3, 0),
    ...(draw.chance(0.2) && { g: place(draw) }),
  };
}

export function path(draw: Draw): string {
  const kind = draw.below(20);
  if (kind === 0) return '_id';
  if (kind < 11) return draw.pick(names);
  if (kind < 17) return `${draw.pick(names)}.${draw.pick(names)}`;
  if (kind < 19) return `${draw.pick(names)}.${draw.below(3)}`;
  return `${draw.pick(names)}.${draw.pick([...names, '0'])}.${draw.pick(names)}`;
}

/** A path that some document has, and what it holds there. */
export interface Seen {
  readonly path: string;
  readonly value: unknown;
}

/** Of a random document, at a random depth; undefined when it has no fields. */
export function seen(draw: Draw, documents: readonly Fields[]): Seen | undefined {
  let at: unknown = documents.length === 0 ? undefined : draw.pick(documents);
  const parts: string[] = [];
  for (;;) {
    const names = namesIn(at);
    if (names.length === 0 || (parts.length > 0 && draw.chance(0.4))) break;
    const name = draw.pick(names);
    // The path of an element may leave out where it is.
    if (!Array.isArray(at) || draw.chance(0.3)) parts.push(name);
    at = (at as Fields)[name];
  }
  return parts.length === 0 || parts.some((part) => part.length === 0)
    ? undefined
    : { path: parts.join('.'), value: at };
}

function namesIn(at: unknown): string[] {
  if (Array.isArray(at)) return [...at.keys()].map(String);
  const isFields =
    typeof at === 'object' && at !== null && Object.getPrototypeOf(at) === Object.prototype;
  return isFields ? Object.keys(at) : [];
}
