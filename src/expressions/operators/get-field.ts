import { BsonType, ElementReader, findField } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { constant, type SpecialOperator } from '../expression.ts';
import { foundUnknown, namedArguments } from '../operands.ts';
import { documentValue, isNullish, nullValue, textOf, typeName, type Value } from '../value.ts';

/** `$getField`: a field by its name, dots and dollars included; of the document itself by default. */
export const getField: SpecialOperator = {
  kind: 'special',
  name: '$getField',
  parse(argument, context, parse) {
    let field: Value = argument;
    let input: Value | undefined;
    if (argument.type === BsonType.object && !isOperator(argument)) {
      const given = namedArguments(
        argument,
        ['field', 'input'],
        3041701,
        foundUnknown('$getField'),
      );
      if (given.field === undefined) {
        throw new MongoServerError(3041702, "$getField requires 'field' to be specified");
      }
      if (given.input === undefined) {
        throw new MongoServerError(3041703, "$getField requires 'input' to be specified");
      }
      field = given.field;
      input = given.input;
    }
    // Only the long form has expressions for names.
    const isPlain =
      field.type === BsonType.string && (input === undefined || !textOf(field).startsWith('$'));
    const name = isPlain ? constant(field) : parse(field, context);
    const source = input && parse(input, context);
    return {
      isConstant: false,
      evaluate: (scope) => {
        const key = name.evaluate(scope);
        if (key?.type !== BsonType.string) {
          throw new MongoServerError(
            3041704,
            `$getField requires 'field' to evaluate to type String, but got ${typeName(key)}`,
          );
        }
        const value =
          source === undefined ? documentValue(scope.buffer, scope.start) : source.evaluate(scope);
        if (value === undefined) return undefined;
        if (isNullish(value)) return nullValue;
        if (value.type !== BsonType.object) return undefined;
        return findField(value.buffer, value.start, textOf(key));
      },
    };
  },
};

function isOperator(value: Value): boolean {
  const reader = new ElementReader(value.buffer, value.start);
  return reader.next() && reader.name().startsWith('$');
}
