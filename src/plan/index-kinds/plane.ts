/** `2d` indexes: points of the plane by the square of a grid they are in. Manual: 2d Indexes. */
import { BsonType, decodeDocument, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  elementsOf,
  type Grid,
  gridNumber,
  gridRanges,
  isValue,
  numberIn,
  readPair,
} from '../../geo/index.ts';
import { geoCandidates, geoKeyGenerator } from './geo-field.ts';
import type { IndexKind } from './index-kind.ts';

export const planeIndex: IndexKind = {
  name: '2d',
  isReadWholeByHint: true,
  refusesCollation: true,
  hasTimeToLive: false,
  paths: (keyPattern) => keyPattern.map(({ path }) => path),
  check({ keyPattern, spec }) {
    if (keyPattern[0]?.kind !== '2d') {
      throw new MongoServerError('BadValue', '2d has to be first in index');
    }
    if (keyPattern.filter(({ kind }) => kind !== undefined).length > 1) {
      throw new MongoServerError('BadValue', "can't have 2 geo fields");
    }
    for (const { direction } of keyPattern) {
      if (direction !== 1) {
        throw new MongoServerError('CannotCreateIndex', 'A 2d index has no descending fields');
      }
    }
    const { min, max } = gridOf(decodeDocument(spec));
    if (!(min < max)) {
      throw new MongoServerError(
        'InvalidOptions',
        `region for hash must be valid and have positive area, but [${min}, ${max}] was specified`,
      );
    }
  },
  keyGenerator(index) {
    const grid = gridOf(decodeDocument(index.spec));
    return geoKeyGenerator(index, '2d', (values) => {
      const numbers = values.flatMap(pointsOf).map((point) => numberOnGrid(grid, point));
      return [...new Set(numbers)].sort((a, b) => a - b);
    });
  },
  candidates(index, predicates, sort) {
    const grid = gridOf(decodeDocument(index.spec));
    return geoCandidates(index, predicates, sort, (node) =>
      node.kind === 'geo' && node.region.kind === 'flat'
        ? gridRanges(grid, node.region.region.bounds)
        : undefined,
    );
  },
};

/** The grid of a specification: the whole earth in degrees, to two centimetres, unless it says otherwise. */
export function gridOf({ bits, min, max }: Record<string, unknown>): Grid {
  return { bits: Number(bits ?? 26), min: Number(min ?? -180), max: Number(max ?? 180) };
}

/** A point, or an array of points. */
function pointsOf(value: RawValue): RawValue[] {
  const isContainer = value.type === BsonType.array || value.type === BsonType.object;
  if (!isContainer) throw new MongoServerError(13654, 'location object expected');
  const [first] = elementsOf(value);
  if (first === undefined || numberIn(first) !== undefined)
    return first === undefined ? [] : [value];
  if (value.type === BsonType.array) return elementsOf(value).flatMap(pointsOf);
  throw new MongoServerError(13026, "geo values must be 'legacy coordinate pairs' for 2d indexes");
}

function numberOnGrid(grid: Grid, value: RawValue): number {
  const pair = readPair(value, { exact: false });
  if (!isValue(pair)) throw new MongoServerError(13068, pair.reason);
  const number = gridNumber(grid, pair.value);
  if (number !== undefined) return number;
  throw new MongoServerError(
    13027,
    `point not in interval of [ ${grid.min}, ${grid.max} ]  :: caused by :: { x: ${pair.value.x}, y: ${pair.value.y} }`,
  );
}
