import { BsonType } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { SpecialOperator } from './expression.ts';
import { foundUnknown, namedArguments } from './operands.ts';
import { isNullish, type MaybeValue, nullValue, textOf, textValue, typeName } from './value.ts';

/** `{input, find, replacement}`: strings, literally. */
export function replacing(
  name: '$replaceOne' | '$replaceAll',
  replace: (input: string, find: string, replacement: string) => string,
): SpecialOperator {
  return {
    kind: 'special',
    name,
    parse(argument, context, parse) {
      if (argument.type !== BsonType.object) {
        throw new MongoServerError(
          51751,
          `${name} requires an object as an argument, found: ${typeName(argument)}`,
        );
      }
      const given = namedArguments(
        argument,
        ['input', 'find', 'replacement'],
        51750,
        foundUnknown(name),
      );
      if (given.input === undefined) {
        throw new MongoServerError(51749, `${name} requires 'input' to be specified`);
      }
      if (given.find === undefined) {
        throw new MongoServerError(51748, `${name} requires 'find' to be specified`);
      }
      if (given.replacement === undefined) {
        throw new MongoServerError(51747, `${name} requires 'replacement' to be specified`);
      }
      const input = parse(given.input, context);
      const find = parse(given.find, context);
      const replacement = parse(given.replacement, context);
      return {
        isConstant: false,
        evaluate(scope) {
          const values = [input, find, replacement].map((one) => one.evaluate(scope));
          const [text, wanted, put] = [
            stringOf(name, 'input', 10503904, values[0]),
            stringOf(name, 'find', 10503901, values[1]),
            stringOf(name, 'replacement', 10503902, values[2]),
          ];
          if (text === undefined || wanted === undefined || put === undefined) return nullValue;
          return textValue(replace(text, wanted, put));
        },
      };
    },
  };
}

function stringOf(name: string, part: string, code: number, value: MaybeValue): string | undefined {
  if (isNullish(value)) return undefined;
  if (value!.type === BsonType.string) return textOf(value!);
  throw new MongoServerError(
    code,
    `${name} requires that '${part}' be a string, found: ${typeName(value)}`,
  );
}
