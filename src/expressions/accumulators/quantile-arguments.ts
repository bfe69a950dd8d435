import { BsonType, ElementReader, toNumber, valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { elementsOf } from '../elements.ts';
import type { Expression, ParseContext, ParseExpression } from '../expression.ts';
import { noScope } from '../expression.ts';
import { isNumber, type MaybeValue, textOf, typeName, type Value } from '../value.ts';
import { checkSpecification } from './count-of-results.ts';

export interface QuantileArguments {
  readonly input: Expression;
  /** 0 to 1. */
  readonly ps: readonly number[];
}

/** `{input, p, method}` of `$percentile`, `{input, method}` of `$median`. */
export function quantileArguments(
  name: '$percentile' | '$median',
  code: number,
  argument: Value,
  context: ParseContext,
  parse: ParseExpression,
): QuantileArguments {
  checkSpecification(name, code, argument);
  const wanted = name === '$median' ? ['input', 'method'] : ['input', 'p', 'method'];
  const given = new Map<string, Value>();
  const reader = new ElementReader(argument.buffer, argument.start);
  while (reader.next()) {
    const field = reader.name();
    if (!wanted.includes(field)) {
      throw new MongoServerError(40415, `BSON field '${name}.${field}' is an unknown field.`);
    }
    given.set(field, reader.value());
  }
  for (const field of wanted) {
    if (given.has(field)) continue;
    throw new MongoServerError(
      40414,
      `BSON field '${name}.${field}' is missing but a required field`,
    );
  }
  checkMethod(name, given.get('method')!);
  const input = parse(given.get('input')!, context);
  const p = given.get('p');
  return { input, ps: p === undefined ? [0.5] : sharesOf(p, parse(p, context)) };
}

function checkMethod(name: string, method: Value): void {
  if (method.type !== BsonType.string) {
    throw new MongoServerError(
      'TypeMismatch',
      `BSON field '${name}.method' is the wrong type '${typeName(method)}', expected type 'string'`,
    );
  }
  if (textOf(method) === 'approximate') return;
  throw new MongoServerError(
    'BadValue',
    "Currently only 'approximate' can be used as percentile 'method'.",
  );
}

function sharesOf(given: Value, parsed: Expression): number[] {
  if (!parsed.isConstant) {
    throw new MongoServerError(
      7750300,
      `The $percentile 'p' field must be an array of constant values, but found value: ${valueText(given)}.`,
    );
  }
  const array = parsed.evaluate(noScope);
  const elements = array?.type === BsonType.array ? elementsOf(array) : [];
  if (elements.length === 0) throw badShare(7750301, array);
  return elements.map((element) => {
    if (!isNumber(element)) throw badShare(7750302, element);
    const share = toNumber(element.buffer, element.type, element.start);
    if (!(share >= 0 && share <= 1)) throw badShare(7750303, element);
    return share;
  });
}

function badShare(code: number, value: MaybeValue): MongoServerError {
  const shown = value === undefined ? 'MISSING' : valueText(value);
  return new MongoServerError(
    code,
    `The $percentile 'p' field must be an array of numbers from [0.0, 1.0], but found: ${shown}`,
  );
}
