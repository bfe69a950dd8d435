/**
 * Whether an actual value is what a specification file expects: its section "Evaluating Matches".
 * Numbers of all types but Decimal128 are compared by value, documents without regard to the order
 * of keys; only the root document may have more keys than expected.
 */
import {
  Binary,
  BSON,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'mongodb';

/** What the special operators look up. Both throw for a name that is not there. */
export interface MatchContext {
  readonly entity: (name: string) => unknown;
  readonly sessionLsid: (name: string) => Document;
}

export class Mismatch extends Error {
  override readonly name = 'Mismatch';
}

/**
 * Throws Mismatch, naming the path, when `actual` does not match. `undefined` is a missing value.
 * @param root whether `actual` is a root document, which may have extra keys
 */
export function match(
  expected: unknown,
  actual: unknown,
  context: MatchContext,
  root = true,
  path = '',
): void {
  const operator = operatorOf(expected);
  if (operator !== undefined) matchOperator(operator, actual, context, root, path);
  else if (Array.isArray(expected)) matchArray(expected, actual, context, root, path);
  else if (isPlainDocument(expected)) matchDocument(expected, actual, context, root, path);
  else if (!isSameValue(expected, actual)) fail(path, show(expected), actual);
}

/** An array of root documents, as a cursor gives them, or of values, as `distinct` does. */
function matchArray(
  expected: readonly unknown[],
  actual: unknown,
  context: MatchContext,
  root: boolean,
  path: string,
): void {
  if (!Array.isArray(actual)) fail(path, 'an array', actual);
  if (actual.length !== expected.length) fail(path, `${expected.length} elements`, actual);
  for (const [index, value] of expected.entries()) {
    match(value, actual[index], context, root && path === '', `${path}[${index}]`);
  }
}

/** The driver sends sort orders and index keys as maps. */
function matchDocument(
  expected: Document,
  value: unknown,
  context: MatchContext,
  root: boolean,
  path: string,
): void {
  const actual = value instanceof Map ? Object.fromEntries(value) : value;
  if (!isPlainDocument(actual)) fail(path, 'a document', actual);
  for (const [key, part] of Object.entries(expected)) {
    match(part, actual[key], context, false, path === '' ? key : `${path}.${key}`);
  }
  if (root) return;
  for (const key of Object.keys(actual)) {
    if (actual[key] !== undefined && !(key in expected)) fail(path, `no key ${key}`, actual);
  }
}

interface Operator {
  readonly name: string;
  readonly operand: unknown;
}

function operatorOf(expected: unknown): Operator | undefined {
  if (!isPlainDocument(expected)) return undefined;
  const keys = Object.keys(expected);
  const name = keys[0];
  if (keys.length !== 1 || !name?.startsWith('$$')) return undefined;
  return { name, operand: expected[name] };
}

function matchOperator(
  { name, operand }: Operator,
  actual: unknown,
  context: MatchContext,
  root: boolean,
  path: string,
): void {
  switch (name) {
    case '$$exists':
      if ((actual !== undefined) !== operand) fail(path, operand ? 'a value' : 'no value', actual);
      break;
    case '$$type':
      matchType(operand as string | readonly string[], actual, path);
      break;
    case '$$matchesEntity':
      match(context.entity(operand as string), actual, context, root, path);
      break;
    case '$$matchesHexBytes':
      if (!Buffer.isBuffer(actual) || actual.toString('hex') !== String(operand).toLowerCase()) {
        fail(path, `bytes ${String(operand)}`, actual);
      }
      break;
    case '$$unsetOrMatches':
      if (actual !== undefined) match(operand, actual, context, root, path);
      break;
    case '$$sessionLsid':
      match(context.sessionLsid(operand as string), actual, context, false, path);
      break;
    case '$$lte':
      if (!(numberOf(actual)! <= numberOf(operand)!)) fail(path, `<= ${show(operand)}`, actual);
      break;
    case '$$matchAsDocument':
      if (typeof actual !== 'string') fail(path, 'a text of extended JSON', actual);
      match(operand, BSON.EJSON.parse(actual, { relaxed: false }), context, false, path);
      break;
    case '$$matchAsRoot':
      match(operand, actual, context, true, path);
      break;
    default:
      throw new Error(`the special operator ${name} is unknown`);
  }
}

function matchType(wanted: string | readonly string[], actual: unknown, path: string): void {
  const names = typeof wanted === 'string' ? [wanted] : wanted;
  const isType = names.some((name) => {
    const test = typeTests[name];
    if (test === undefined) throw new Error(`the type ${name} is unknown`);
    return test(actual);
  });
  if (!isType) fail(path, `a value of type ${names.join(' or ')}`, actual);
}

/** By the type's string alias in $type. A JavaScript number stands for every number it can be. */
const typeTests: Readonly<Record<string, (value: unknown) => boolean>> = {
  number: (value) => numberOf(value) !== undefined || value instanceof Decimal128,
  double: (value) => typeof value === 'number' || value instanceof Double,
  string: (value) => typeof value === 'string',
  object: isPlainDocument,
  array: Array.isArray,
  binData: (value) => value instanceof Binary || Buffer.isBuffer(value),
  undefined: () => false,
  objectId: (value) => value instanceof ObjectId,
  bool: (value) => typeof value === 'boolean',
  date: (value) => value instanceof Date,
  null: (value) => value === null,
  regex: (value) => value instanceof RegExp,
  int: (value) =>
    value instanceof Int32 || (Number.isInteger(value) && Math.abs(value as number) < 2 ** 31),
  timestamp: (value) => value instanceof Timestamp,
  long: (value) =>
    Number.isInteger(value) ||
    typeof value === 'bigint' ||
    (value instanceof Long && !(value instanceof Timestamp)),
  decimal: (value) => value instanceof Decimal128,
  minKey: (value) => value instanceof MinKey,
  maxKey: (value) => value instanceof MaxKey,
};

function isSameValue(expected: unknown, actual: unknown): boolean {
  const number = numberOf(expected);
  if (number !== undefined) {
    const other = numberOf(actual);
    return number === other || (Number.isNaN(number) && Number.isNaN(other));
  }
  if (actual === undefined) return false;
  if (typeof expected !== 'object' || expected === null) return expected === actual;
  return canonical(expected) === canonical(actual);
}

/** The value of a number of any type but Decimal128; beyond 2^53 a bigint. */
function numberOf(value: unknown): number | bigint | undefined {
  if (typeof value === 'number') return value;
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (typeof value === 'bigint') return exact(value);
  if (value instanceof Long && !(value instanceof Timestamp)) return exact(value.toBigInt());
  return undefined;
}

function exact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** A value as text in which keys are in order and number types do not show. */
export function canonical(value: unknown): string {
  return JSON.stringify(withKeysInOrder(value));
}

function withKeysInOrder(value: unknown): unknown {
  const number = numberOf(value);
  if (number !== undefined) return String(number);
  if (Array.isArray(value)) return value.map(withKeysInOrder);
  if (isPlainDocument(value)) {
    return Object.fromEntries(
      Object.keys(value)
        .filter((key) => value[key] !== undefined)
        .sort()
        .map((key) => [key, withKeysInOrder(value[key])]),
    );
  }
  return BSON.EJSON.serialize({ value: value as Document }, { relaxed: false });
}

export function isPlainDocument(value: unknown): value is Document {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !('_bsontype' in value) &&
    !(value instanceof Date) &&
    !(value instanceof RegExp) &&
    !ArrayBuffer.isView(value)
  );
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : (BSON.EJSON.stringify(value) ?? String(value));
}

function fail(path: string, expected: string, actual: unknown): never {
  throw new Mismatch(
    `${path === '' ? 'the value' : path}: expected ${expected}, got ${show(actual)}`,
  );
}
