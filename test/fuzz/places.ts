/** Random places: legacy pairs and GeoJSON on a small grid, and the shapes that find them. */
import type { Draw } from './draw.ts';
import type { Fields } from './values.ts';

/** Whole degrees, so that places lie on borders and on each other. */
function pair(draw: Draw): [number, number] {
  return [draw.between(-3, 3), draw.between(-3, 3)];
}

/** A closed ring around a rectangle, or around a triangle. */
function ring(draw: Draw): [number, number][] {
  const [x, y] = pair(draw);
  const width = draw.between(1, 3);
  const height = draw.between(1, 3);
  const corners: [number, number][] = [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ];
  if (draw.chance(0.3)) corners.splice(draw.below(4), 1);
  return [...corners, corners[0]!];
}

function geometry(draw: Draw): Fields {
  switch (draw.below(5)) {
    case 0:
      return { type: 'LineString', coordinates: [pair(draw), pair(draw)] };
    case 1:
      return { type: 'Polygon', coordinates: [ring(draw)] };
    case 2:
      return { type: 'MultiPoint', coordinates: draw.list(1, 3, () => pair(draw)) };
    default:
      return { type: 'Point', coordinates: pair(draw) };
  }
}

/** What a document holds; now and then no place at all. */
export function place(draw: Draw): unknown {
  const kind = draw.below(12);
  if (kind < 5) return pair(draw);
  if (kind === 5) return { lng: draw.between(-3, 3), lat: draw.between(-3, 3) };
  if (kind === 6) return draw.list(1, 2, () => geometry(draw));
  if (kind === 7) return draw.pick([null, 'nowhere', [], [1], { type: 'Point' }, [400, 1]]);
  return geometry(draw);
}

/** A predicate on a field of places. */
export function nearby(draw: Draw): Fields {
  switch (draw.below(6)) {
    case 0: {
      const [x, y] = pair(draw);
      const far = [x + draw.between(0, 3), y + draw.between(0, 3)];
      return { $geoWithin: { $box: [[x, y], far] } };
    }
    case 1:
      return { $geoWithin: { $center: [pair(draw), draw.between(0, 3)] } };
    case 2:
      return { $geoWithin: { $centerSphere: [pair(draw), draw.between(0, 5) / 50] } };
    case 3:
      return { $geoWithin: { $polygon: ring(draw) } };
    case 4:
      return {
        $geoWithin: { $geometry: { type: 'Polygon', coordinates: [ring(draw)] } },
      };
    default:
      return { $geoIntersects: { $geometry: geometry(draw) } };
  }
}
