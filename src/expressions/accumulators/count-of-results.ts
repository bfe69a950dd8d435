/** What `$firstN`, `$lastN`, `$minN` and `$maxN` share: their arguments `n` and `input`. */
import { BsonType, ElementReader, valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { wholeLongOf } from '../coerce.ts';
import type { Expression, ParseContext, ParseExpression } from '../expression.ts';
import { isNumber, type MaybeValue, type Value } from '../value.ts';

export interface CountedInput {
  readonly n: Expression;
  readonly input: Expression;
}

/** `operator` is named in messages, `code` is for an argument that is no object. */
export function countedInput(
  operator: string,
  code: number,
  argument: Value,
  context: ParseContext,
  parse: ParseExpression,
): CountedInput {
  checkSpecification(operator, code, argument);
  let n: Expression | undefined;
  let input: Expression | undefined;
  const reader = new ElementReader(argument.buffer, argument.start);
  while (reader.next()) {
    const name = reader.name();
    if (name === 'n') n = parse(reader.value(), context);
    else if (name === 'input') input = parse(reader.value(), context);
    else throw new MongoServerError(5787901, `Unknown argument for 'n' operator: ${name}`);
  }
  if (n === undefined) throw new MongoServerError(5787906, "Missing value for 'n'");
  if (input === undefined) throw new MongoServerError(5787907, "Missing value for 'input'");
  return { n, input };
}

export function checkSpecification(operator: string, code: number, argument: Value): void {
  if (argument.type === BsonType.object) return;
  throw new MongoServerError(
    code,
    `specification must be an object; found ${operator}: ${valueText(argument)}`,
  );
}

/** The value of an `n`. */
export function checkedCount(value: MaybeValue): number {
  const shown = value === undefined ? 'MISSING' : valueText(value);
  if (value === undefined || !isNumber(value)) {
    throw new MongoServerError(
      5787902,
      `Value for 'n' must be of integral type, but found ${shown}`,
    );
  }
  const n = wholeLongOf(value);
  if (n === undefined) {
    throw new MongoServerError(
      5787903,
      `Value for 'n' must be of integral type, but found ${shown}`,
    );
  }
  if (n > 0n) return Number(n);
  throw new MongoServerError(5787908, `'n' must be greater than 0, found ${n}`);
}

/** The same in a group, where stock has one error for all that is no such number. */
export function groupCount(value: MaybeValue): number {
  const n = wholeLongOf(value);
  if (n !== undefined && n > 0n) return Number(n);
  throw new MongoServerError(
    7548606,
    "parameter 'n' must be coercible to a positive 64-bit integer",
  );
}
