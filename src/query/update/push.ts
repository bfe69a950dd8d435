/** `$push` with `$each`, `$position`, `$sort` and `$slice`, which act in this order. */
import {
  BsonType,
  type Collation,
  ElementReader,
  type RawValue,
  typeAlias,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { integralLong, isNumberType } from '../raw-number.ts';
import { arrayOf, elementsOf } from './array-elements.ts';
import { type ElementOrder, parseElementOrder } from './element-order.ts';
import { changeTo, type UpdateOperator } from './modifier.ts';

interface PushClauses {
  readonly each: readonly RawValue[];
  readonly position: number | undefined;
  readonly slice: number | undefined;
  readonly order: ElementOrder | undefined;
}

function integerClause(name: string, value: RawValue): number {
  const long = isNumberType(value.type) ? integralLong(value) : undefined;
  if (long === undefined) {
    throw new MongoServerError(
      'BadValue',
      name === '$position'
        ? `The value for $position must be an integer value, not of type: ${typeAlias(value.type)}`
        : `The value for ${name} must be an integer value but was given type: ${typeAlias(value.type)}`,
    );
  }
  return Number(long);
}

function parseClauses(argument: RawValue, collation: Collation | undefined): PushClauses {
  let each: readonly RawValue[] | undefined;
  let position: number | undefined;
  let slice: number | undefined;
  let order: ElementOrder | undefined;
  if (argument.type === BsonType.object) {
    const names: string[] = [];
    const reader = new ElementReader(argument.buffer, argument.start);
    while (reader.next()) names.push(reader.name());
    if (names.includes('$each')) {
      const clauses = new ElementReader(argument.buffer, argument.start);
      while (clauses.next()) {
        const value = clauses.value();
        const name = clauses.name();
        switch (name) {
          case '$each':
            if (value.type !== BsonType.array) {
              throw new MongoServerError(
                'BadValue',
                `The argument to $each in $push must be an array but it was of type: ${typeAlias(value.type)}`,
              );
            }
            each = elementsOf(value);
            break;
          case '$slice':
            slice = integerClause(name, value);
            break;
          case '$position':
            position = integerClause(name, value);
            break;
          case '$sort':
            order = parseElementOrder(value, collation);
            break;
          default:
            throw new MongoServerError('BadValue', `Unrecognized clause in $push: ${name}`);
        }
      }
    }
  }
  return { each: each ?? [argument], position, slice, order };
}

/** Where new elements go: from the front, or from the back when negative; never outside. */
function insertionPoint(length: number, position: number | undefined): number {
  if (position === undefined || position > length) return length;
  return position < 0 ? Math.max(0, length + position) : position;
}

export const push: UpdateOperator = {
  name: '$push',
  parse(path, argument, collation) {
    const { each, position, slice, order } = parseClauses(argument, collation);
    const field = path.split('.').at(-1)!;
    return {
      creates: true,
      apply(current, context) {
        if (current !== undefined && current.type !== BsonType.array) {
          throw new MongoServerError(
            'BadValue',
            `The field '${field}' must be an array but is of type ${typeAlias(current.type)} in document {${context.idText}}`,
          );
        }
        let elements = current === undefined ? [] : elementsOf(current);
        elements.splice(insertionPoint(elements.length, position), 0, ...each);
        if (order !== undefined) elements.sort(order);
        if (slice !== undefined) {
          elements = slice < 0 ? elements.slice(slice) : elements.slice(0, slice);
        }
        return changeTo(current, arrayOf(elements));
      },
    };
  },
};
