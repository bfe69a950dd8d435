import {
  BsonType,
  type Collation,
  copyDocument,
  decodeValue,
  ElementReader,
  type RawValue,
} from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { Variables } from '../expressions/index.ts';
import type { FilterNode, LogicalNode } from './filter-node.ts';
import { parseSchema } from './json-schema/parse-schema.ts';
import { comparison } from './operators/comparison.ts';
import { parseExpr } from './operators/expr.ts';
import { badGeo } from './operators/geo-region.ts';
import { fieldOperators } from './operators/index.ts';
import { isNear, nearOf, parseNear } from './operators/near.ts';
import type { FilterParser } from './operators/operator.ts';
import { readRegex, regexLiteral, regexNode } from './operators/regex.ts';
import { sampleRate } from './operators/sample-rate.ts';
import { parseText, textNodeOf } from './operators/text.ts';
import { parseWhere } from './operators/where.ts';

/** What stands on a path beside the operators: parts of one, and the orders by distance. */
const wordsOfOthers: ReadonlySet<string> = new Set([
  '$geoNear',
  '$near',
  '$nearSphere',
  '$options',
  '$regex',
]);

/**
 * What a filter is asked of. A `query` of a command has a plan: an index may be needed, and scripts may
 * be run. `match`, the stage of a pipeline, is given documents in an order and keeps it. By itself a
 * `document` (a validator, an element of an array) has neither indexes nor scripts.
 */
export type FilterPlace = 'query' | 'match' | 'document';

/** The tree of the filter at `start`, on a copy of its bytes. */
export function parseFilterTree(
  buffer: Buffer,
  start: number,
  variables: Variables,
  place: FilterPlace,
): FilterNode {
  const parser = new FilterTreeParser(variables, variables.collation, place);
  const root = parser.parseDocument(copyDocument(buffer, start), 0);
  if (parser.sawNear) nearOf(root);
  if (parser.sawText) textNodeOf(root);
  return root;
}

/** The names of the fields of a filter that hold a DBRef, not operators. */
const referenceNames = new Set(['$ref', '$id', '$db']);

/**
 * Reads filter documents into trees; the bytes must outlive the tree. As deep as they are nested, which
 * the validation of the bytes has bounded.
 */
export class FilterTreeParser implements FilterParser {
  /** Undefined: `$expr` has no place here. */
  readonly #variables: Variables | undefined;
  readonly collation: Collation | undefined;
  readonly #place: FilterPlace;
  /** A `$near` was read, which has its place only at the top of a filter. */
  sawNear = false;
  /** A `$text` was read, of which there may be one. */
  sawText = false;
  /** Depth of `$elemMatch`es around. */
  #below = 0;

  /** Without variables `$expr` and `$jsonSchema` are refused: in array filters and under `$pull`. */
  constructor(
    variables?: Variables,
    collation = variables?.collation,
    place: FilterPlace = 'document',
  ) {
    this.#variables = variables;
    this.#place = place;
    this.collation = collation;
  }

  parseElement(buffer: Buffer, start: number): FilterNode {
    this.#below++;
    const node = this.parseDocument(buffer, start);
    this.#below--;
    return node;
  }

  parseDocument(buffer: Buffer, start: number): FilterNode {
    const children: FilterNode[] = [];
    const reader = new ElementReader(buffer, start);
    while (reader.next()) {
      const name = reader.name();
      if (name.startsWith('$') && !referenceNames.has(name)) {
        const node = this.#parseTopLevel(name, reader.value());
        if (node !== undefined) children.push(node);
      } else {
        this.#parseField(name, reader.value(), children);
      }
    }
    return children.length === 1 ? children[0]! : { kind: 'and', children };
  }

  isFieldOperator(name: string): boolean {
    return fieldOperators.has(name) || wordsOfOthers.has(name);
  }

  parseOperators(path: string, buffer: Buffer, start: number): FilterNode[] {
    if (isNear(buffer, start)) {
      if (this.#place !== 'query') throw nearNotAllowed();
      this.sawNear = true;
      const end = start + buffer.readInt32LE(start);
      return [parseNear(path, { buffer, type: BsonType.object, start, end })];
    }
    const nodes: FilterNode[] = [];
    const reader = new ElementReader(buffer, start);
    let regexDone = false;
    while (reader.next()) {
      const name = reader.name();
      if (name === '$regex' || name === '$options') {
        if (!regexDone) nodes.push(parseRegex(path, buffer, start));
        regexDone = true;
        continue;
      }
      if (name === '$comment') continue;
      const operator = fieldOperators.get(name);
      if (operator === undefined) {
        throw new MongoServerError('BadValue', `unknown operator: ${name}`);
      }
      nodes.push(operator.parse(path, reader.value(), this));
    }
    if (nodes[0]?.kind === 'geo' && nodes.length > 1) {
      throw badGeo(`a geo expression is the only one on its field: ${path}`);
    }
    return nodes;
  }

  #parseField(path: string, value: RawValue, into: FilterNode[]): void {
    if (value.type === BsonType.regex) {
      into.push(regexLiteral(path, value));
    } else if (value.type === BsonType.object && startsWithOperator(value)) {
      into.push(...this.parseOperators(path, value.buffer, value.start));
    } else {
      into.push(comparison(path, '$eq', value, this.collation));
    }
  }

  #parseTopLevel(name: string, value: RawValue): FilterNode | undefined {
    switch (name) {
      case '$and':
        return this.#parseLogical('and', name, value);
      case '$or':
        return this.#parseLogical('or', name, value);
      case '$nor':
        return this.#parseLogical('nor', name, value);
      case '$comment':
        return undefined;
      case '$sampleRate':
        return sampleRate(value);
      case '$expr':
        return this.#parseExpr(value);
      case '$text':
        return this.#parseText(value);
      case '$jsonSchema':
        return this.#parseJsonSchema(value);
      case '$where':
        return this.#parseWhere(value);
      case '$alwaysTrue':
      case '$alwaysFalse':
        return { kind: name === '$alwaysTrue' ? 'alwaysTrue' : 'alwaysFalse' };
      default:
        throw new MongoServerError(
          'BadValue',
          `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
        );
    }
  }

  #parseText(value: RawValue): FilterNode {
    if (this.#place === 'document') {
      throw new MongoServerError('BadValue', '$text is not allowed in this context');
    }
    if (this.#below > 0) {
      throw new MongoServerError('BadValue', '$text can only be applied to the top-level document');
    }
    this.sawText = true;
    return parseText(value);
  }

  #parseWhere(value: RawValue): FilterNode {
    if (this.#place !== 'query' || this.#variables === undefined) {
      throw new MongoServerError('BadValue', '$where is not allowed in this context');
    }
    if (this.#below > 0) {
      throw new MongoServerError(
        'BadValue',
        '$where can only be applied to the top-level document',
      );
    }
    return parseWhere(value, this.#variables.scripts);
  }

  #parseJsonSchema(value: RawValue): FilterNode {
    if (this.#variables === undefined) {
      throw new MongoServerError(
        'QueryFeatureNotAllowed',
        '$jsonSchema is not allowed in this context',
      );
    }
    return { kind: 'jsonSchema', schema: parseSchema(value), spec: value };
  }

  #parseExpr(value: RawValue): FilterNode {
    if (this.#below > 0) {
      throw new MongoServerError('BadValue', '$expr can only be applied to the top-level document');
    }
    if (this.#variables === undefined) {
      throw new MongoServerError('QueryFeatureNotAllowed', '$expr is not allowed in this context');
    }
    return parseExpr(value, this.#variables);
  }

  #parseLogical(kind: LogicalNode['kind'], name: string, value: RawValue): FilterNode {
    if (value.type !== BsonType.array) {
      throw new MongoServerError('BadValue', `${name} must be an array`);
    }
    const children: FilterNode[] = [];
    const reader = new ElementReader(value.buffer, value.start);
    while (reader.next()) {
      if (reader.type !== BsonType.object) {
        throw new MongoServerError('BadValue', '$or/$and/$nor entries need to be full objects');
      }
      children.push(this.parseDocument(value.buffer, reader.start));
    }
    if (children.length === 0) {
      throw new MongoServerError('BadValue', '$and/$or/$nor must be a nonempty array');
    }
    if (children.length === 1 && kind !== 'nor') return children[0]!;
    return { kind, children };
  }
}

function nearNotAllowed(): MongoServerError {
  return new MongoServerError(
    5626500,
    '$geoNear, $near, and $nearSphere are not allowed in this context, as these operators require sorting geospatial data. If you do not need sort, consider using $geoWithin instead.',
  );
}

function startsWithOperator(value: RawValue): boolean {
  const reader = new ElementReader(value.buffer, value.start);
  if (!reader.next()) return false;
  const name = reader.name();
  return name.startsWith('$') && !referenceNames.has(name);
}

function parseRegex(path: string, buffer: Buffer, start: number): FilterNode {
  let pattern: string | undefined;
  let options: string | undefined;
  const refuseSecond = (code: number): never => {
    throw new MongoServerError(code, 'options set in both $regex and $options');
  };
  const reader = new ElementReader(buffer, start);
  while (reader.next()) {
    const name = reader.name();
    if (name === '$regex') {
      if (reader.type === BsonType.string) pattern = decodeValue(reader.value()) as string;
      else if (reader.type === BsonType.regex) {
        const read = readRegex(reader.value());
        pattern = read.pattern;
        if (read.options !== '') {
          if (options !== undefined) refuseSecond(51074);
          options = read.options;
        }
      } else throw new MongoServerError('BadValue', '$regex has to be a string');
    } else if (name === '$options') {
      if (reader.type !== BsonType.string) {
        throw new MongoServerError('BadValue', '$options has to be a string');
      }
      if (options !== undefined) refuseSecond(51075);
      options = decodeValue(reader.value()) as string;
    }
  }
  if (pattern === undefined) throw new MongoServerError('BadValue', '$options needs a $regex');
  return regexNode(path, pattern, options ?? '');
}
