import { BsonType, ElementReader, findField, valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { elementsOf } from '../elements.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { FieldMap } from '../field-map.ts';
import { documentValue, isNullish, nullValue, textOf, typeName, type Value } from '../value.ts';

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
    const elements = elementsOf(array!);
    for (const element of elements) {
      const [name, value] = pairOf(element, elements[0]!.type);
      fields.set(name, value);
    }
    return documentValue(fields.encode());
  },
};

/** All elements are as the first is: pairs, or documents of `k` and `v`. */
function pairOf(element: Value, first: number): [string, Value] {
  if (first === BsonType.array) return pairOfArray(element);
  if (first === BsonType.object) return pairOfObject(element);
  throw new MongoServerError(
    40398,
    `Unrecognised input type format for $arrayToObject: ${typeName(element)}`,
  );
}

const mixed = '$arrayToObject requires a consistent input format. Elements must';

function pairOfArray(element: Value): [string, Value] {
  if (element.type !== BsonType.array) {
    throw new MongoServerError(
      40396,
      `${mixed}all be arrays or all be objects. Array was detected, now found: ${typeName(element)}`,
    );
  }
  const pair = elementsOf(element);
  if (pair.length !== 2) {
    throw new MongoServerError(
      40397,
      `$arrayToObject requires an array of size 2 arrays,found array of size: ${pair.length}`,
    );
  }
  if (pair[0]!.type !== BsonType.string) {
    throw new MongoServerError(
      40395,
      `$arrayToObject requires an array of key-value pairs, where the key must be of type string. Found key type: ${typeName(pair[0])}`,
    );
  }
  return [keyOf(pair[0]!, 4940400), pair[1]!];
}

function pairOfObject(element: Value): [string, Value] {
  if (element.type !== BsonType.object) {
    throw new MongoServerError(
      40391,
      `${mixed}all be arrays or all be objects. Object was detected, now found: ${typeName(element)}`,
    );
  }
  const reader = new ElementReader(element.buffer, element.start);
  let count = 0;
  while (reader.next()) count++;
  if (count !== 2) {
    throw new MongoServerError(
      40392,
      `$arrayToObject requires an object keys of 'k' and 'v'. Found incorrect number of keys:${count}`,
    );
  }
  const name = findField(element.buffer, element.start, 'k');
  const value = findField(element.buffer, element.start, 'v');
  if (name === undefined || value === undefined) {
    throw new MongoServerError(
      40393,
      `$arrayToObject requires an object with keys 'k' and 'v'. Missing either or both keys from: ${valueText(element)}`,
    );
  }
  if (name.type !== BsonType.string) {
    throw new MongoServerError(
      40394,
      `$arrayToObject requires an object with keys 'k' and 'v', where the value of 'k' must be of type string. Found type: ${typeName(name)}`,
    );
  }
  return [keyOf(name, 4940401), value];
}

function keyOf(name: Value, code: number): string {
  const text = textOf(name);
  if (!text.includes('\0')) return text;
  throw new MongoServerError(code, 'Key field cannot contain an embedded null byte');
}
