/** What `$regexMatch`, `$regexFind` and `$regexFindAll` share: their arguments, and one search. */
import { BsonType, cstringEnd } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { BoundedRegex } from './bounded-regex.ts';
import type { Expression, Scope, SpecialOperator } from './expression.ts';
import { foundUnknown, namedArguments } from './operands.ts';
import { translateRegex } from './regex-translation.ts';
import { isNullish, type MaybeValue, textOf, typeName, type Value } from './value.ts';

/** MongoDB's limit for PCRE2. */
const patternBytesMax = 16_384;

export interface RegexSearch {
  /** Undefined: input or regular expression are null. */
  readonly input: string | undefined;
  readonly regex: BoundedRegex | undefined;
}

export function regexOperator(
  name: string,
  evaluate: (search: RegexSearch) => Value,
): SpecialOperator {
  return {
    kind: 'special',
    name,
    parse(argument, context, parse) {
      if (argument.type !== BsonType.object) {
        throw new MongoServerError(
          51103,
          `${name} expects an object of named arguments but found: ${typeName(argument)}`,
        );
      }
      const given = namedArguments(
        argument,
        ['input', 'regex', 'options'],
        31024,
        foundUnknown(name),
      );
      if (given.input === undefined) {
        throw new MongoServerError(31022, `${name} requires 'input' parameter`);
      }
      if (given.regex === undefined) {
        throw new MongoServerError(31023, `${name} requires 'regex' parameter`);
      }
      const input = parse(given.input, context);
      const regex = parse(given.regex, context);
      const options = given.options && parse(given.options, context);
      const compiled = new Compiled(name, regex, options);
      return {
        isConstant: false,
        evaluate: (scope) =>
          evaluate({
            regex: compiled.in(scope),
            input: inputOf(name, input.evaluate(scope)),
          }),
      };
    },
  };
}

function inputOf(name: string, value: MaybeValue): string | undefined {
  if (isNullish(value)) return undefined;
  if (value!.type === BsonType.string) return textOf(value!);
  throw new MongoServerError(51104, `${name} needs 'input' to be of type string`);
}

/** The regular expression, compiled anew only when it changes. */
class Compiled {
  readonly #name: string;
  readonly #regex: Expression;
  readonly #options: Expression | undefined;
  #source: string | undefined;
  #last: BoundedRegex | undefined;

  constructor(name: string, regex: Expression, options: Expression | undefined) {
    this.#name = name;
    this.#regex = regex;
    this.#options = options;
  }

  in(scope: Scope): BoundedRegex | undefined {
    const pattern = this.#patternOf(this.#regex.evaluate(scope));
    const options = this.#optionsOf(this.#options?.evaluate(scope));
    if (pattern === undefined) return undefined;
    if (pattern.options !== '' && options !== undefined) {
      throw new MongoServerError(
        51107,
        `${this.#name}: found regex option(s) specified in both 'regex' and 'option' fields`,
      );
    }
    const flags = options ?? pattern.options;
    const source = `${flags}/${pattern.text}`;
    if (source !== this.#source) {
      this.#last = this.#compile(pattern.text, flags);
      this.#source = source;
    }
    return this.#last;
  }

  #compile(text: string, flags: string): BoundedRegex {
    if (Buffer.byteLength(text) > patternBytesMax) {
      throw new MongoServerError(
        51111,
        `Invalid Regex in ${this.#name}: regular expression is too large`,
      );
    }
    for (const flag of flags) {
      if (!'imsxu'.includes(flag)) {
        throw new MongoServerError(51108, `${this.#name}: invalid flag in regex options: ${flag}`);
      }
    }
    try {
      return new BoundedRegex(translateRegex(text, flags));
    } catch (error) {
      if (!(error instanceof MongoServerError)) throw error;
      throw new MongoServerError(51111, `Invalid Regex in ${this.#name}: ${error.message}`);
    }
  }

  #patternOf(value: MaybeValue): { text: string; options: string } | undefined {
    if (isNullish(value)) return undefined;
    const { buffer, start, type } = value!;
    if (type === BsonType.string) {
      const text = textOf(value!);
      if (!text.includes('\0')) return { text, options: '' };
      throw new MongoServerError(
        51109,
        `${this.#name}: regular expression cannot contain an embedded null byte`,
      );
    }
    if (type !== BsonType.regex) {
      throw new MongoServerError(
        51105,
        `${this.#name} needs 'regex' to be of type string or regex`,
      );
    }
    const end = cstringEnd(buffer, start);
    const options = buffer.toString('utf8', end + 1, cstringEnd(buffer, end + 1));
    return { text: buffer.toString('utf8', start, end), options };
  }

  #optionsOf(value: MaybeValue): string | undefined {
    if (isNullish(value)) return undefined;
    if (value!.type !== BsonType.string) {
      throw new MongoServerError(51106, `${this.#name} needs 'options' to be of type string`);
    }
    const text = textOf(value!);
    if (!text.includes('\0')) return text;
    throw new MongoServerError(
      51110,
      `${this.#name}: regex options cannot contain an embedded null byte`,
    );
  }
}
