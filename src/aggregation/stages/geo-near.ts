import { BsonType, DocumentWriter, ElementReader, toNumber, valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  checkFieldPath,
  doubleValue,
  type Expression,
  elementsOf,
  isNumber,
  isTruthy,
  type MetaWord,
  noScope,
  type ParseContext,
  parseExpression,
  splitPath,
  textOf,
  typeName,
  type Value,
} from '../../expressions/index.ts';
import { Stage, Work, type WorkResult } from '../../plan/index.ts';
import { type Filter, parseFilter } from '../../query/index.ts';
import { writeWith } from '../nested-field.ts';
import type { StageDefinition } from '../pipeline-stage.ts';

/** A search for what is near, which the plan does with a geographical index. */
export interface NearFront {
  /** The field of the index; undefined: that of the only one there is. */
  readonly key: string | undefined;
  readonly metaWords: readonly MetaWord[];
  /** The condition on the field of the index, and the rest of the query. */
  filterAt(path: string): Filter;
}

interface GeoNearOptions {
  readonly distancePath: readonly string[];
  readonly placePath: readonly string[] | undefined;
  readonly multiplier: number;
}

/** Writes into each document how far it is, and which of its places was nearest. */
class DistanceStage extends Stage {
  readonly name = '$geoNear';
  readonly #source: Stage;
  readonly #options: GeoNearOptions;

  constructor(source: Stage, options: GeoNearOptions) {
    super([source]);
    this.#source = source;
    this.#options = options;
  }

  work(): WorkResult {
    const source = this.#source;
    const result = source.work();
    if (result !== Work.advanced) return result;
    this.take(source);
    const { distancePath, placePath, multiplier } = this.#options;
    const { geoNearDistance = 0, geoNearPoint } = source.metadata ?? {};
    this.#write(distancePath, doubleValue(geoNearDistance * multiplier));
    if (placePath !== undefined && geoNearPoint !== undefined) this.#write(placePath, geoNearPoint);
    this.stats.advanced++;
    return Work.advanced;
  }

  #write(path: readonly string[], value: Value): void {
    const writer = new DocumentWriter();
    writer.startDocument();
    writeWith(writer, this.buffer, this.start, path, value, true);
    writer.end();
    this.buffer = writer.finish();
    this.start = 0;
  }
}

/** `$geoNear`: documents by their distance from a point, the nearest first. */
export const geoNear: StageDefinition = {
  name: '$geoNear',
  parse(argument, context) {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(
        10065,
        `invalid parameter: expected an object ($geoNear), found: ${valueText(argument)}`,
      );
    }
    const given = readArguments(argument, context);
    const { distanceField, includeLocs, near, key } = given;
    if (distanceField === undefined) {
      throw new MongoServerError(16606, "$geoNear requires a 'distanceField' option as a String");
    }
    if (near === undefined) {
      throw new MongoServerError(5860400, "$geoNear requires a 'near' argument");
    }
    const condition = nearCondition(near, given);
    const front: NearFront = {
      key,
      metaWords: ['geoNearDistance', ...(includeLocs ? (['geoNearPoint'] as const) : [])],
      filterAt: (path) => filterAt(path, condition, given.query, context),
    };
    // What is wrong with the point or the distances is wrong with every index.
    front.filterAt(key ?? 'key');
    const options: GeoNearOptions = {
      distancePath: distanceField,
      placePath: includeLocs,
      multiplier: given.distanceMultiplier ?? 1,
    };
    return {
      name: '$geoNear',
      argument,
      near: front,
      build: (source) => new DistanceStage(source!, options),
    };
  },
};

interface GeoNearArguments {
  near?: Expression;
  distanceField?: readonly string[];
  includeLocs?: readonly string[];
  minDistance?: Expression;
  maxDistance?: Expression;
  distanceMultiplier?: number;
  query?: Value;
  spherical?: boolean;
  key?: string;
}

function readArguments(argument: Value, context: ParseContext): GeoNearArguments {
  const given: GeoNearArguments = {};
  const reader = new ElementReader(argument.buffer, argument.start);
  while (reader.next()) {
    const name = reader.name();
    const value = reader.value();
    switch (name) {
      case 'near':
      case 'minDistance':
      case 'maxDistance':
        given[name] = parseExpression(value, context);
        break;
      case 'distanceField':
        given.distanceField = readPath(name, value, 16606);
        break;
      case 'includeLocs':
        given.includeLocs = readPath(name, value, 16607);
        break;
      case 'distanceMultiplier':
        given.distanceMultiplier = readMultiplier(value);
        break;
      case 'query':
        if (value.type !== BsonType.object) {
          throw new MongoServerError(
            'TypeMismatch',
            "$geoNear requires that the 'query' option is an Object",
          );
        }
        // Conditions that are no place for $near are told of before the search is planned.
        parseFilter(value.buffer, value.start, { variables: context.variables, place: 'match' });
        given.query = value;
        break;
      case 'spherical':
        given.spherical = isTruthy(value);
        break;
      case 'key':
        given.key = readKey(value);
        break;
      case 'uniqueDocs':
        break;
      case 'limit':
      case 'num':
        throw new MongoServerError(
          50858,
          `$geoNear no longer supports the '${name}' parameter. Use a $limit stage instead.`,
        );
      case 'start':
        throw new MongoServerError(50856, "$geoNear no longer supports the 'start' argument.");
      default:
        throw new MongoServerError('BadValue', `Unknown argument to $geoNear: ${name}`);
    }
  }
  return given;
}

/** MongoDB's limit of a FieldPath, and of the field of an index. */
const pathPartsMax = 200;
const keyPartsMax = 180;

function readPath(name: string, value: Value, code: number): readonly string[] {
  if (value.type !== BsonType.string) {
    throw new MongoServerError(code, `$geoNear requires that the '${name}' option is a String`);
  }
  const path = textOf(value);
  checkFieldPath(path);
  checkLength(path);
  return splitPath(path);
}

function checkLength(path: string): void {
  if (path.split('.').length <= pathPartsMax) return;
  throw new MongoServerError('Overflow', 'FieldPath is too long');
}

function readMultiplier(value: Value): number {
  if (!isNumber(value)) {
    throw new MongoServerError(
      'TypeMismatch',
      "$geoNear requires that the 'distanceMultiplier' option is a number",
    );
  }
  const multiplier = toNumber(value.buffer, value.type, value.start);
  if (multiplier >= 0) return multiplier;
  throw new MongoServerError(
    'BadValue',
    "$geoNear requires that the 'distanceMultiplier' option is non-negative",
  );
}

function readKey(value: Value): string {
  if (value.type !== BsonType.string) {
    throw new MongoServerError(
      'TypeMismatch',
      `$geoNear parameter 'key' must be of type string but found type: ${typeName(value)}`,
    );
  }
  const key = textOf(value);
  if (key === '') {
    throw new MongoServerError('BadValue', "$geoNear parameter 'key' cannot be the empty string");
  }
  checkFieldPath(key);
  checkLength(key);
  if (key.split('.').length > keyPartsMax) {
    throw new MongoServerError(5729100, '$geoNear field key has too many components');
  }
  return key;
}

/** `{$near: ..., $minDistance, $maxDistance}` or what is the same for the sphere. */
function nearCondition(near: Expression, given: GeoNearArguments): Value {
  if (!near.isConstant) {
    throw new MongoServerError(
      5860402,
      "$geoNear requires a constant expression for 'near' argument",
    );
  }
  const point = near.evaluate(noScope);
  if (point?.type !== BsonType.object && point?.type !== BsonType.array) {
    throw new MongoServerError(
      5860401,
      `$geoNear requires 'near' argument to be an object or an array, but found: ${typeName(point)}`,
    );
  }
  if (point.type === BsonType.array && elementsOf(point).length > 3) {
    throw new MongoServerError(
      'BadValue',
      `Legacy point has too many numbers: ${valueText(point)}`,
    );
  }
  const min = distanceOf('minDistance', given.minDistance, 7555701);
  const max = distanceOf('maxDistance', given.maxDistance, 7555702);
  const isGeoJson = point.type === BsonType.object && isGeometry(point);
  const operator = given.spherical === true || isGeoJson ? '$nearSphere' : '$near';
  const writer = new DocumentWriter();
  writer.startDocument();
  if (isGeoJson) {
    writer.startObject(operator);
    writer.raw('$geometry', point);
  } else writer.raw(operator, point);
  if (min !== undefined) writer.double('$minDistance', Math.min(min, Number.MAX_VALUE));
  if (max !== undefined) writer.double('$maxDistance', Math.min(max, Number.MAX_VALUE));
  if (isGeoJson) writer.endObject();
  writer.end();
  const buffer = writer.finish();
  return { buffer, type: BsonType.object, start: 0, end: buffer.length };
}

/** An object whose first field is text or has the name `type`, and no legacy pair of numbers. */
function isGeometry(point: Value): boolean {
  const reader = new ElementReader(point.buffer, point.start);
  while (reader.next()) {
    if (reader.name() === 'type' || reader.name() === 'coordinates') return true;
  }
  return false;
}

function distanceOf(
  name: string,
  expression: Expression | undefined,
  notConstant: number,
): number | undefined {
  if (expression === undefined) return undefined;
  if (!expression.isConstant) {
    throw new MongoServerError(
      notConstant,
      `$geoNear requires a constant expression for '${name}'`,
    );
  }
  const value = expression.evaluate(noScope);
  if (value === undefined || !isNumber(value)) {
    throw new MongoServerError(
      'TypeMismatch',
      `$geoNear requires that the '${name}' option is a number`,
    );
  }
  const distance = toNumber(value.buffer, value.type, value.start);
  if (distance >= 0) return distance;
  throw new MongoServerError(
    'BadValue',
    `$geoNear requires that the '${name}' option is non-negative`,
  );
}

function filterAt(
  path: string,
  condition: Value,
  query: Value | undefined,
  { variables }: ParseContext,
): Filter {
  const writer = new DocumentWriter();
  writer.startDocument();
  writer.raw(path, condition);
  if (query !== undefined) {
    writer.startArray('$and');
    writer.raw('0', query);
    writer.end();
  }
  writer.end();
  return parseFilter(writer.finish(), 0, { variables, place: 'query' });
}
