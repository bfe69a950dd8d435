import { BsonType, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { arrayOf, elementsOf } from './array-elements.ts';
import { type Change, type Modifier, unchanged } from './modifier.ts';

/** What `$pull` and `$pullAll` do to an array: only the elements that `keeps` accepts stay. */
export function remover(keeps: (element: RawValue) => boolean): Modifier {
  return {
    creates: false,
    apply(current): Change {
      if (current === undefined) return unchanged;
      if (current.type !== BsonType.array) {
        throw new MongoServerError('BadValue', 'Cannot apply $pull to a non-array value');
      }
      const elements = elementsOf(current);
      const kept = elements.filter(keeps);
      return kept.length === elements.length ? unchanged : arrayOf(kept);
    },
  };
}
