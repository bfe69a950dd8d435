import { BsonType, findField } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { elementsOf } from '../elements.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { FieldMap } from '../field-map.ts';
import {
  documentValue,
  isNullish,
  type MaybeValue,
  nullValue,
  textOf,
  typeName,
  type Value,
} from '../value.ts';

/** `$arrayToObject`: of `[{k, v}, ...]` or `[[k, v], ...]`. */
export const arrayToObject: PlainOperator = {
  kind: 'plain',
  name: '$arrayToObject',
  arity: exactly(1),
  evaluate([array]) {
    if (isNullish(array)) return nullValue;
    if (array!.type !== BsonType.array) {
      throw new MongoServerError(
        40386,
        `$arrayToObject requires an array input, found: ${typeName(array)}`,
      );
    }
    const fields = new FieldMap();
    for (const element of elementsOf(array!)) {
      const [name, value] = pairOf(element);
      if (name?.type !== BsonType.string) {
        throw new MongoServerError(
          40394,
          `$arrayToObject requires an object with keys 'k' and 'v', where the value of 'k' must be of type string. Found type: ${typeName(name)}`,
        );
      }
      fields.set(textOf(name), value ?? nullValue);
    }
    return documentValue(fields.encode());
  },
};

function pairOf(element: Value): [MaybeValue, MaybeValue] {
  if (element.type === BsonType.object) {
    const name = findField(element.buffer, element.start, 'k');
    const value = findField(element.buffer, element.start, 'v');
    if (name === undefined || value === undefined) {
      throw new MongoServerError(40393, "$arrayToObject requires an object with keys 'k' and 'v'.");
    }
    return [name, value];
  }
  const pair = element.type === BsonType.array ? elementsOf(element) : [];
  if (pair.length !== 2) {
    throw new MongoServerError(
      40397,
      `$arrayToObject requires an array of size 2 arrays, found array of size: ${pair.length}`,
    );
  }
  return [pair[0], pair[1]];
}
