/** What `$graphLookup` is told: checked when the pipeline is read. */
import { BsonType, decodeValue, ElementReader, typeAlias } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  checkFieldPath,
  type Expression,
  isNumber,
  type ParseContext,
  parseExpression,
  textOf,
  type Value,
} from '../../expressions/index.ts';
import { type Filter, parseFilter } from '../../query/index.ts';
import type { ForeignNamespace, StagePlace } from '../pipeline-stage.ts';
import { foreignFrom } from './foreign-from.ts';

export interface GraphLookupSpecification {
  readonly from: ForeignNamespace;
  readonly as: readonly string[];
  readonly startWith: Expression;
  /** Of a document that was found: the values that lead on from it. */
  readonly connectFrom: readonly string[];
  /** Of a document: the values that lead to it. */
  readonly connectTo: string;
  /** Steps beyond the first; undefined: as many as there are. */
  readonly maxDepth: number | undefined;
  readonly depthField: readonly string[] | undefined;
  readonly restriction: Filter | undefined;
}

/** Throws TypeMismatch, FailedToParse and Location errors 40100 to 40105 and 40185. */
export function parseGraphLookup(
  argument: Value,
  context: ParseContext,
  place: StagePlace,
): GraphLookupSpecification {
  if (argument.type !== BsonType.object) {
    throw new MongoServerError(
      'FailedToParse',
      `the $graphLookup stage specification must be an object, but found ${typeAlias(argument.type)}`,
    );
  }
  let from: ForeignNamespace | undefined;
  let startWith: Expression | undefined;
  let maxDepth: number | undefined;
  let restriction: Filter | undefined;
  const texts = new Map<string, string>();
  const reader = new ElementReader(argument.buffer, argument.start);
  while (reader.next()) {
    const name = reader.name();
    const value = reader.value();
    if (name === 'from') from = foreignFrom(value, place, '$graphLookup');
    else if (name === 'startWith') startWith = parseExpression(value, context);
    else if (name === 'maxDepth') maxDepth = readMaxDepth(value);
    else if (name === 'restrictSearchWithMatch') restriction = readRestriction(value, context);
    else texts.set(name, readText(name, value));
  }
  if (from === undefined) {
    throw new MongoServerError(
      'FailedToParse',
      "missing 'from' option to $graphLookup stage specification",
    );
  }
  const [as, connectFrom, connectTo, depthField] = [
    'as',
    'connectFromField',
    'connectToField',
    'depthField',
  ].map((name) => texts.get(name));
  if (startWith === undefined || !as || !connectFrom || !connectTo) {
    throw new MongoServerError(
      40105,
      "$graphLookup requires 'from', 'as', 'startWith', 'connectFromField', and 'connectToField' to be specified.",
    );
  }
  for (const path of [as, connectFrom, connectTo, depthField]) {
    if (path !== undefined) checkFieldPath(path);
  }
  return {
    from,
    as: as.split('.'),
    startWith,
    connectFrom: connectFrom.split('.'),
    connectTo,
    maxDepth,
    depthField: depthField?.split('.'),
    restriction,
  };
}

const textNames: ReadonlySet<string> = new Set([
  'as',
  'connectFromField',
  'connectToField',
  'depthField',
]);

function readText(name: string, value: Value): string {
  if (!textNames.has(name)) {
    throw new MongoServerError(40104, `Unknown argument to $graphLookup: ${name}`);
  }
  if (value.type === BsonType.string) return textOf(value);
  throw new MongoServerError(
    40103,
    `expected string as argument for ${name}, found: ${typeAlias(value.type)}`,
  );
}

function readMaxDepth(value: Value): number {
  if (!isNumber(value)) {
    throw new MongoServerError(
      40100,
      `maxDepth must be numeric, found type: ${typeAlias(value.type)}`,
    );
  }
  const depth = Number(String(decodeValue(value)));
  if (depth < 0) {
    throw new MongoServerError(
      40101,
      `maxDepth requires a nonnegative argument, found: ${Math.trunc(depth)}`,
    );
  }
  if (Number.isInteger(depth)) return depth;
  throw new MongoServerError(
    40102,
    `maxDepth could not be represented as a long long: ${Math.trunc(depth) || 0}`,
  );
}

function readRestriction(value: Value, { variables }: ParseContext): Filter {
  if (value.type !== BsonType.object) {
    throw new MongoServerError(
      40185,
      `restrictSearchWithMatch must be an object, found ${typeAlias(value.type)}`,
    );
  }
  try {
    return parseFilter(value.buffer, value.start, { variables, place: 'match' });
  } catch (error) {
    throw error instanceof MongoServerError
      ? error.during("Failed to parse 'restrictSearchWithMatch' option to $graphLookup")
      : error;
  }
}
