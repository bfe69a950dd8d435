/** `2dsphere` indexes: places on the sphere by the cells they are in. Manual: 2dsphere Indexes. */
import { documentText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { isValue, queryRanges, readStoredOnSphere, storedCellNumbers } from '../../geo/index.ts';
import type { FilterNode } from '../../query/index.ts';
import { geoCandidates, geoKeyGenerator, type PlaceNumbers } from './geo-field.ts';
import type { IndexKind } from './index-kind.ts';

export const sphereIndex: IndexKind = {
  name: '2dsphere',
  isReadWholeByHint: true,
  hasTimeToLive: true,
  defaults: { '2dsphereIndexVersion': 3 },
  paths: (keyPattern) => keyPattern.map(({ path }) => path),
  check() {},
  keyGenerator: (index) => geoKeyGenerator(index, '2dsphere', cellNumbers),
  candidates: (index, predicates, sort) => geoCandidates(index, predicates, sort, rangesOf),
};

const cellNumbers: PlaceNumbers = (values, document) => {
  const numbers = new Set<number>();
  for (const value of values) {
    const shape = readStoredOnSphere(value);
    if (!isValue(shape)) {
      throw new MongoServerError(
        16755,
        `Can't extract geo keys: ${documentText(document.buffer, document.start)}  ${shape.reason}`,
      );
    }
    for (const number of storedCellNumbers(shape.value)) numbers.add(number);
  }
  return [...numbers];
};

function rangesOf(node: FilterNode) {
  return node.kind === 'geo' && node.region.kind !== 'flat'
    ? queryRanges(node.region.shape)
    : undefined;
}
