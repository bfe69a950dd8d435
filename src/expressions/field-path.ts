import { BsonType, ElementReader, findField } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { constant, type Expression, type ParseContext } from './expression.ts';
import { splitFieldPath } from './path-parts.ts';
import { arrayValue, documentValue, type MaybeValue, type Value } from './value.ts';
import { checkVariableName } from './variable-name.ts';
import { neverRun, Unbound } from './variables.ts';

/** `path` without its dollar. */
function fieldPath(path: string): Expression {
  const parts = splitPath(path);
  if (parts.length === 1) {
    const only = parts[0]!;
    return { isConstant: false, evaluate: (scope) => findField(scope.buffer, scope.start, only) };
  }
  return {
    isConstant: false,
    evaluate: (scope) => walk(scope.buffer, scope.start, parts, 0),
  };
}

/** The field an expression names with one dollar: of the document, or of a `CURRENT` defined around it. */
export function fieldOf(path: string, context: ParseContext): Expression {
  if (context.redefinesCurrent) {
    splitPath(path);
    return variablePath(`CURRENT.${path}`, context);
  }
  const expression = fieldPath(path);
  checkDocument(context);
  return expression;
}

/** `path` without its two dollars: the name of a variable and perhaps fields below it. */
export function variablePath(path: string, context: ParseContext): Expression {
  const dot = path.indexOf('.');
  const name = dot < 0 ? path : path.slice(0, dot);
  checkVariableName(name);
  if (path.endsWith('.')) {
    throw new MongoServerError(40353, "FieldPath must not end with a '.'.");
  }
  const below = dot < 0 ? [] : splitPath(path.slice(dot + 1));
  const slot = context.slotOf(name);
  if (slot !== undefined) {
    return {
      isConstant: false,
      evaluate: (scope) => readPath(scope.variables[slot], below),
    };
  }
  const { variables } = context;
  if (variables.has(name)) {
    const value = variables.get(name);
    if (!(value instanceof Unbound)) return constant(readPath(value, below));
    value.isUsed = true;
    return { isConstant: false, evaluate: neverRun };
  }
  switch (name) {
    case 'ROOT':
    case 'CURRENT':
      checkDocument(context);
      if (below.length > 0) return fieldPath(path.slice(dot + 1));
      return {
        isConstant: false,
        evaluate: (scope) => documentValue(scope.buffer, scope.start),
      };
    case 'REMOVE':
      return constant(undefined);
    case 'NOW':
      return constant(readPath(available(variables.now, name), below));
    case 'CLUSTER_TIME':
      return constant(readPath(available(variables.clusterTime, name), below));
    case 'USER_ROLES':
      // Without access control nobody has a role.
      return constant(emptyArray);
    case 'SEARCH_META':
      throw new MongoServerError('NotImplemented', `The variable $$${name} is not implemented`);
    default:
      throw new MongoServerError(17276, `Use of undefined variable: ${name}`);
  }
}

function checkDocument(context: ParseContext): void {
  if (context.hasDocument) return;
  throw new MongoServerError(
    4890500,
    'Command let Expression tried to access a field, but this is not allowed because command let expressions run before the query examines any documents.',
  );
}

function available(value: MaybeValue, name: string): Value {
  if (value !== undefined) return value;
  throw new MongoServerError(51144, `Builtin variable '$$${name}' is not available`);
}

/** The parts of a dotted path; codes of FieldPath's own checks. */
export function splitPath(path: string): string[] {
  if (path === '') {
    throw new MongoServerError(16872, "'$' by itself is not a valid FieldPath");
  }
  return splitFieldPath(path);
}

/** `parts` below a value: an array gives the array of what its documents have there. */
function readPath(value: MaybeValue, parts: readonly string[]): MaybeValue {
  if (parts.length === 0 || value === undefined) return value;
  if (value.type === BsonType.object) return walk(value.buffer, value.start, parts, 0);
  if (value.type === BsonType.array) return walkArray(value, parts, 0);
  return undefined;
}

function walk(buffer: Buffer, start: number, parts: readonly string[], from: number): MaybeValue {
  let at = from;
  let document = start;
  for (;;) {
    const value = findField(buffer, document, parts[at]!);
    if (value === undefined || at === parts.length - 1) return value;
    at++;
    if (value.type === BsonType.object) document = value.start;
    else if (value.type === BsonType.array) return walkArray(value, parts, at);
    else return undefined;
  }
}

function walkArray(array: Value, parts: readonly string[], at: number): Value {
  const found: Value[] = [];
  const reader = new ElementReader(array.buffer, array.start);
  while (reader.next()) {
    if (reader.type !== BsonType.object) continue;
    const value = walk(array.buffer, reader.start, parts, at);
    if (value !== undefined) found.push(value);
  }
  return found.length === 0 ? emptyArray : arrayValue(found);
}

const emptyArray: Value = {
  buffer: Buffer.from([5, 0, 0, 0, 0]),
  type: BsonType.array,
  start: 0,
  end: 5,
};
