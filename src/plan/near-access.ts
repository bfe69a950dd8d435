/** Which index finds what is near, and how far each round of the search reads in it. */
import type { CollectionInfo, IndexInfo } from '../../storage/index.ts';
import { decodeDocument } from '../bson/index.ts';
import { box, circle, emptyShape, type GeoRegion, type Nearness } from '../geo/index.ts';
import type { Filter, FilterNode, NearNode } from '../query/index.ts';
import { factsOf } from './index-facts.ts';
import { gridOf } from './index-kinds/plane.ts';
import { conjunctsOf } from './predicate-bounds.ts';
import { GeoNear } from './stages/geo-near.ts';
import { IndexScan } from './stages/index-scan.ts';

/** A kilometre on earth, in radians. */
const firstAngle = 1.57e-4;

/**
 * The search in one of the indexes; undefined when none can do it: distances on the sphere are found with
 * a `2dsphere` index, from legacy coordinates with a `2d` index too, those of the plane with that alone.
 */
export function nearStage(
  collection: CollectionInfo,
  filter: Filter,
  near: NearNode,
  indexes: readonly IndexInfo[],
  wantsPoint: boolean,
): GeoNear | undefined {
  const { center, scale } = near.nearness;
  const isLegacy = scale === 1;
  const usable = indexes.filter((index) =>
    index.keyPattern.some(
      ({ path, kind }) => path === near.path && kinds(center.kind, isLegacy).includes(kind),
    ),
  );
  const [index] = usable;
  if (index === undefined) return undefined;
  const others = conjunctsOf(filter.root).filter((node) => node !== near);
  const isPlane = factsOf(index).kind.name === '2d';
  const regionOf = isPlane
    ? (distance: number) => planeRegion(near.nearness, distance)
    : (distance: number) => sphereRegion(near.nearness, distance);
  const { min, max } = gridOf(decodeDocument(index.spec));
  return new GeoNear(collection, filter, {
    name: isPlane ? 'GEO_NEAR_2D' : 'GEO_NEAR_2DSPHERE',
    path: near.path,
    nearness: near.nearness,
    wantsPoint,
    indexName: index.name,
    keyPattern: decodeDocument(index.spec).key as Record<string, unknown>,
    scanWithin(distance) {
      const within: FilterNode = {
        kind: 'geo',
        path: near.path,
        operator: '$geoWithin',
        region: regionOf(distance),
        spec: near.spec,
      };
      const [candidate] = factsOf(index).kind.candidates(index, [...others, within], []);
      if (candidate === undefined) throw new Error('a geographical index does not find places');
      return new IndexScan(collection, candidate.bounds, false);
    },
    firstDistance: center.kind === 'sphere' ? firstAngle : (max - min) / 2 ** 13,
    lastDistance: center.kind === 'sphere' ? Math.PI : Math.hypot(max - min, max - min) * 2,
  });
}

function kinds(surface: 'sphere' | 'flat', isLegacy: boolean): readonly (string | undefined)[] {
  if (surface === 'flat') return ['2d'];
  return isLegacy ? ['2dsphere', '2d'] : ['2dsphere'];
}

function sphereRegion({ center }: Nearness, radius: number): GeoRegion {
  if (center.kind !== 'sphere') throw new Error('a 2dsphere index knows no distances of the plane');
  return { kind: 'within', shape: { ...emptyShape, caps: [{ center: center.at, radius }] } };
}

/** What of the grid may lie within a distance: of an angle, a box of longitudes and latitudes around. */
function planeRegion({ center }: Nearness, distance: number): GeoRegion {
  if (center.kind === 'flat') return { kind: 'flat', region: circle(center.at, distance) };
  const { x, y } = center.lngLat;
  const height = (distance * 180) / Math.PI;
  const top = Math.abs(y) + height;
  // At the poles, and across the antimeridian, all longitudes are near.
  const width = top >= 89 ? 360 : height / Math.cos((top * Math.PI) / 180);
  const isAcross = Math.abs(x) + width > 180;
  const [left, right] = isAcross ? [-180, 180] : [x - width, x + width];
  const low = { x: left, y: Math.max(-90, y - height) };
  return { kind: 'flat', region: box(low, { x: right, y: Math.min(90, y + height) }) };
}
