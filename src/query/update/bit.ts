/** `$bit: {field: {and|or|xor: integer}}`, applied in the order given. */
import {
  BsonType,
  ElementReader,
  elementText,
  int32Value,
  int64Value,
  type RawValue,
  readInt32,
  readInt64,
  typeAlias,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { changeTo, type UpdateOperator } from './modifier.ts';

interface Step {
  readonly name: string;
  readonly operand: RawValue;
}

function isInteger(type: number): boolean {
  return type === BsonType.int || type === BsonType.long;
}

function integer(value: RawValue): bigint {
  return value.type === BsonType.int
    ? BigInt(readInt32(value.buffer, value.start))
    : readInt64(value.buffer, value.start);
}

function combine(step: Step, current: RawValue): RawValue {
  const a = integer(current);
  const b = integer(step.operand);
  const result = step.name === 'and' ? a & b : step.name === 'or' ? a | b : a ^ b;
  const isLong = current.type === BsonType.long || step.operand.type === BsonType.long;
  return isLong ? int64Value(result) : int32Value(Number(result));
}

function parseSteps(path: string, argument: RawValue): Step[] {
  if (argument.type !== BsonType.object) {
    throw new MongoServerError(
      'BadValue',
      `The $bit modifier is not compatible with a ${typeAlias(argument.type)}. You must pass in an embedded document: {$bit: {field: {and/or/xor: #}}`,
    );
  }
  const steps: Step[] = [];
  const reader = new ElementReader(argument.buffer, argument.start);
  while (reader.next()) {
    const name = reader.name();
    const operand = reader.value();
    if (name !== 'and' && name !== 'or' && name !== 'xor') {
      throw new MongoServerError(
        'BadValue',
        `The $bit modifier only supports 'and', 'or', and 'xor', not '${name}' which is an unknown operator: {${elementText(name, operand)}}`,
      );
    }
    if (!isInteger(operand.type)) {
      throw new MongoServerError(
        'BadValue',
        `The $bit modifier field must be an Integer(32/64 bit); a '${typeAlias(operand.type)}' is not supported here: {${elementText(name, operand)}}`,
      );
    }
    steps.push({ name, operand });
  }
  if (steps.length === 0) {
    throw new MongoServerError(
      'BadValue',
      `You must pass in at least one bitwise operation. The format is: {$bit: {field: {and/or/xor: #}}`,
    );
  }
  void path;
  return steps;
}

export const bit: UpdateOperator = {
  name: '$bit',
  parse(path, argument) {
    const steps = parseSteps(path, argument);
    const field = path.split('.').at(-1)!;
    return {
      creates: true,
      apply(current, context) {
        if (current !== undefined && !isInteger(current.type)) {
          throw new MongoServerError(
            'BadValue',
            `Cannot apply $bit to a value of non-integral type.${context.idText} has the field ${field} of non-integer type ${typeAlias(current.type)}`,
          );
        }
        let result = current ?? int32Value(0);
        for (const step of steps) result = combine(step, result);
        return changeTo(current, result);
      },
    };
  },
};
