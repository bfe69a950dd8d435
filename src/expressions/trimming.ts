import { BsonType } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { SpecialOperator } from './expression.ts';
import { foundUnknown, namedArguments } from './operands.ts';
import { isNullish, nullValue, textOf, textValue, typeName } from './value.ts';

/** What stock's `$trim` takes as white space. */
const whiteSpace =
  '\0 \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a';

/** `{input, chars}`: takes letters off one end of a string, or both. */
export function trimming(name: string, end: 'both' | 'start' | 'end'): SpecialOperator {
  return {
    kind: 'special',
    name,
    parse(argument, context, parse) {
      if (argument.type !== BsonType.object) {
        throw new MongoServerError(50696, `${name} only supports an object as an argument`);
      }
      const given = namedArguments(argument, ['input', 'chars'], 50694, foundUnknown(name));
      if (given.input === undefined) {
        throw new MongoServerError(50695, `${name} requires an 'input' field`);
      }
      const input = parse(given.input, context);
      const chars = given.chars && parse(given.chars, context);
      return {
        isConstant: input.isConstant && (chars?.isConstant ?? true),
        evaluate: (scope) => {
          const value = input.evaluate(scope);
          if (isNullish(value)) return nullValue;
          if (value!.type !== BsonType.string) {
            throw new MongoServerError(
              50699,
              `${name} requires its input to be a string, got a ${typeName(value)} instead.`,
            );
          }
          const letters = chars?.evaluate(scope);
          if (chars !== undefined && isNullish(letters)) return nullValue;
          if (letters !== undefined && letters.type !== BsonType.string) {
            throw new MongoServerError(
              50700,
              `${name} requires 'chars' to be a string, got a ${typeName(letters)} instead.`,
            );
          }
          const set = new Set(letters === undefined ? whiteSpace : textOf(letters));
          const text = [...textOf(value!)];
          let from = 0;
          let to = text.length;
          if (end !== 'end') while (from < to && set.has(text[from]!)) from++;
          if (end !== 'start') while (to > from && set.has(text[to - 1]!)) to--;
          return textValue(text.slice(from, to).join(''));
        },
      };
    },
  };
}
