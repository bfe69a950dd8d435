/** Operators that are in no table, as parsers read them by themselves. Each is in a probe of its row. */
import { nearOperators } from '../../src/query/operators/near.ts';

export const parsedFieldOperators: readonly string[] = [
  '$regex',
  '$options',
  ...nearOperators,
  '$geometry',
  '$box',
  '$center',
  '$centerSphere',
  '$polygon',
  '$within',
  '$uniqueDocs',
  '$maxDistance',
  '$minDistance',
];

export const parsedTopLevelOperators: readonly string[] = [
  '$and',
  '$or',
  '$nor',
  '$comment',
  '$expr',
  '$jsonSchema',
  '$sampleRate',
  '$where',
  '$alwaysTrue',
  '$alwaysFalse',
  '$text',
];

export const parsedUpdateOperators: readonly string[] = ['$rename'];
