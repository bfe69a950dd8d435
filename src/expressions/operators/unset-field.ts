import { BsonType } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { SpecialOperator } from '../expression.ts';
import { constantName, withField } from '../field-setting.ts';
import { foundUnknown, namedArguments } from '../operands.ts';

/** `$unsetField`: the document without a field, by its name. */
export const unsetField: SpecialOperator = {
  kind: 'special',
  name: '$unsetField',
  parse(argument, context, parse) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(4161100, '$unsetField only supports an object as its argument');
    }
    const given = namedArguments(
      argument,
      ['field', 'input'],
      4161101,
      foundUnknown('$unsetField'),
    );
    if (given.field === undefined) {
      throw new MongoServerError(4161102, "$unsetField requires 'field' to be specified");
    }
    if (given.input === undefined) {
      throw new MongoServerError(4161109, "$unsetField requires 'input' to be specified");
    }
    const name = constantName('$unsetField', given.field, context, parse);
    const input = parse(given.input, context);
    return {
      isConstant: false,
      evaluate: (scope) => withField('$unsetField', input.evaluate(scope), name, undefined),
    };
  },
};
