import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { SpecialOperator } from '../expression.ts';
import { constantName, withField } from '../field-setting.ts';
import { foundUnknown, namedArguments } from '../operands.ts';

/** `$setField`: the document with a field set by its name, dots and dollars included. */
export const setField: SpecialOperator = {
  kind: 'special',
  name: '$setField',
  parse(argument, context, parse) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(4161100, '$setField only supports an object as its argument');
    }
    const given = namedArguments(
      argument,
      ['field', 'input', 'value'],
      4161101,
      foundUnknown('$setField'),
    );
    if (given.field === undefined) {
      throw new MongoServerError(4161102, "$setField requires 'field' to be specified");
    }
    if (given.value === undefined) {
      throw new MongoServerError(4161103, "$setField requires 'value' to be specified");
    }
    if (given.input === undefined) {
      throw new MongoServerError(4161109, "$setField requires 'input' to be specified");
    }
    const name = constantName('$setField', given.field, context, parse);
    const input = parse(given.input, context);
    const value = parse(given.value, context);
    return {
      isConstant: false,
      evaluate: (scope) =>
        withField('$setField', input.evaluate(scope), name, value.evaluate(scope)),
    };
  },
};
