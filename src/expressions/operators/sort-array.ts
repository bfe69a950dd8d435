import type { Collation } from '../../bson/index.ts';
import { BsonType, ElementReader, findField, toNumber } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { compareMaybe } from '../compare.ts';
import { elementsOf } from '../elements.ts';
import type { SpecialOperator } from '../expression.ts';
import { splitPath } from '../field-path.ts';
import { foundUnknown, namedArguments } from '../operands.ts';
import {
  arrayValue,
  isNullish,
  isNumber,
  type MaybeValue,
  nullValue,
  typeName,
  type Value,
} from '../value.ts';

type Order = (a: Value, b: Value) => number;

/** `$sortArray`: by the elements themselves (`1`, `-1`), or by fields of them. */
export const sortArray: SpecialOperator = {
  kind: 'special',
  name: '$sortArray',
  parse(argument, context, parse) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(
        2942500,
        `$sortArray requires an object as an argument, found: ${typeName(argument)}`,
      );
    }
    const given = namedArguments(
      argument,
      ['input', 'sortBy'],
      2942501,
      foundUnknown('$sortArray'),
    );
    if (given.input === undefined) {
      throw new MongoServerError(2942502, "$sortArray requires 'input' to be specified");
    }
    if (given.sortBy === undefined) {
      throw new MongoServerError(2942503, "$sortArray requires 'sortBy' to be specified");
    }
    const input = parse(given.input, context);
    const order = orderOf(given.sortBy, context.variables.collation);
    return {
      isConstant: false,
      evaluate(scope) {
        const array = input.evaluate(scope);
        if (isNullish(array)) return nullValue;
        if (array!.type !== BsonType.array) {
          throw new MongoServerError(
            2942504,
            `The input argument to $sortArray must be an array, but was of type: ${typeName(array)}`,
          );
        }
        return arrayValue(elementsOf(array!).sort(order));
      },
    };
  },
};

function orderOf(sortBy: Value, collation: Collation | undefined): Order {
  if (isNumber(sortBy)) {
    const direction = directionOf(sortBy, 2942506);
    return (a, b) => direction * compareMaybe(a, b, collation);
  }
  if (sortBy.type !== BsonType.object) {
    throw new MongoServerError(2942507, 'Invalid sort type: must be a number or an object');
  }
  const keys: { path: readonly string[]; direction: number }[] = [];
  const reader = new ElementReader(sortBy.buffer, sortBy.start);
  while (reader.next()) {
    const value = reader.value();
    if (!isNumber(value)) {
      throw new MongoServerError(2942505, `Illegal key in $sort specification: ${reader.name()}`);
    }
    keys.push({ path: splitPath(reader.name()), direction: directionOf(value, 2942505) });
  }
  if (keys.length === 0) {
    throw new MongoServerError(2942505, 'The sortBy document must have at least one field');
  }
  return (a, b) => {
    for (const { path, direction } of keys) {
      const found = compareMaybe(at(a, path) ?? nullValue, at(b, path) ?? nullValue, collation);
      if (found !== 0) return direction * found;
    }
    return 0;
  };
}

function directionOf(value: Value, code: number): number {
  const number = toNumber(value.buffer, value.type, value.start);
  if (number === 1 || number === -1) return number;
  throw new MongoServerError(code, 'The $sort element value must be either 1 or -1');
}

function at(value: Value, path: readonly string[]): MaybeValue {
  let current: MaybeValue = value;
  for (const part of path) {
    if (current?.type !== BsonType.object) return undefined;
    current = findField(current.buffer, current.start, part);
  }
  return current;
}
