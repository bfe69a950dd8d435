/** The specification of a projection, checked by the server's rules, as a tree by path components. */
import {
  BsonType,
  copyDocument,
  ElementReader,
  elementText,
  isTruthy,
  type RawValue,
  typeAlias,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  checkFieldPath,
  isExpressionName,
  type MetaWord,
  type ParseContext,
  parseExpression,
} from '../../expressions/index.ts';

import { parseElemMatch } from '../operators/elem-match.ts';
import { FilterTreeParser } from '../parse-filter.ts';
import { isNumberType } from '../raw-number.ts';
import { ElemMatchProjection } from './elem-match.ts';
import { type ProjectionAction, type ProjectionNode, projectionNode } from './projection-node.ts';
import { readSlice, sliceSyntaxError } from './slice.ts';

export interface ProjectionTree {
  readonly root: ProjectionNode;
  readonly isInclusion: boolean;
  /** Whole top-level fields only: no dotted path, slice, position or $elemMatch. */
  readonly isSimple: boolean;
  readonly isPositional: boolean;
  readonly includedPaths: readonly string[];
  readonly metaWords: ReadonlySet<MetaWord>;
}

const maxDepth = 100;

export interface ProjectionRules {
  readonly context: ParseContext;
  /** `$project`: without what only find has, as positions and `$elemMatch`. */
  readonly isOfPipeline: boolean;
}

/** The tree of the projection at `start`, on a copy of its bytes. */
export function parseProjectionTree(
  buffer: Buffer,
  start: number,
  rules: ProjectionRules,
): ProjectionTree {
  const parser = new ProjectionParser(rules);
  parser.parseDocument(copyDocument(buffer, start), 0, '', 0);
  return parser.finish();
}

class ProjectionParser {
  readonly #root = projectionNode('', 'descend');
  readonly #included: string[] = [];
  #isInclusion: boolean | undefined;
  #id: boolean | undefined;
  #isPositional = false;
  #isSimple = true;
  #hasElemMatch = false;
  readonly #rules: ProjectionRules;

  constructor(rules: ProjectionRules) {
    this.#rules = rules;
  }

  parseDocument(buffer: Buffer, start: number, prefix: string, depth: number): void {
    if (depth > maxDepth) {
      throw new MongoServerError('Overflow', 'a projection nests too deeply');
    }
    const reader = new ElementReader(buffer, start);
    while (reader.next()) {
      const name = reader.name();
      this.#parseField(prefix === '' ? name : `${prefix}.${name}`, reader.value(), depth);
    }
  }

  finish(): ProjectionTree {
    // An _id alone decides; $elemMatch alone includes, $slice alone keeps everything.
    const isInclusion = this.#isInclusion ?? (this.#hasElemMatch || this.#id === true);
    const id = this.#root.children.find((node) => node.name === '_id');
    if (isInclusion) {
      if (this.#id === undefined && id === undefined) {
        this.#root.children.push(projectionNode('_id', 'copy'));
      }
      if (this.#id !== false && !this.#included.some((path) => path.startsWith('_id'))) {
        this.#included.push('_id');
      }
    }
    return {
      root: this.#root,
      isInclusion,
      isSimple: this.#isSimple,
      isPositional: this.#isPositional,
      includedPaths: this.#included,
      metaWords: this.#rules.context.metaWords,
    };
  }

  #parseField(path: string, value: RawValue, depth: number): void {
    if (path.endsWith('.$')) {
      this.#parsePositional(path.slice(0, -2), value);
      return;
    }
    if (path === '$') checkFieldPath(path);
    if (/(^|\.)\$(\.|$)/.test(path)) {
      throw new MongoServerError(
        31394,
        "As of 4.4, it's illegal to specify positional operator in the middle of a path.Positional projection may only be used at the end, for example: a.b.$. If the query previously used a form like a.b.$.d, remove the parts following the '$' and the results will be equivalent.",
      );
    }
    checkFieldPath(path);
    if (isNumberType(value.type) || value.type === BsonType.bool) {
      this.#decide(path, isTruthy(value));
      return;
    }
    if (value.type !== BsonType.object) {
      this.#compute(
        path,
        value,
        31310,
        `Cannot use an expression ${elementText(path, value)} in an exclusion projection`,
      );
      return;
    }
    const reader = new ElementReader(value.buffer, value.start);
    if (!reader.next()) {
      throw new MongoServerError(
        51270,
        `An empty sub-projection is not a valid value. Found empty object at path ${path}`,
      );
    }
    const first = reader.name();
    const argument = reader.value();
    if (!first.startsWith('$') || reader.next()) {
      this.#isSimple = false;
      this.parseDocument(value.buffer, value.start, path, depth + 1);
      return;
    }
    this.#isSimple = false;
    if (!this.#rules.isOfPipeline) {
      if (first === '$elemMatch') {
        this.#parseElemMatch(path, argument);
        return;
      }
      if (first === '$slice') {
        this.#parseSlice(path, value, argument);
        return;
      }
    }
    if (!isExpressionName(first)) {
      throw new MongoServerError(31325, `Unknown expression ${first}`);
    }
    if (first === '$meta') {
      this.#addExpression(path, value);
      return;
    }
    this.#computeExpression(path, value);
  }

  #computeExpression(path: string, value: RawValue): void {
    this.#compute(
      path,
      value,
      31252,
      'Cannot use expression other than $meta in exclusion projection',
    );
  }

  /** Find's `$slice`; what can not be one, for its path too, is taken for the expression. */
  #parseSlice(path: string, value: RawValue, argument: RawValue): void {
    let ofFind: unknown;
    try {
      const slice = readSlice(argument);
      this.#add(path, 'slice').slice = slice;
      if (this.#isInclusion !== false) this.#included.push(path);
      return;
    } catch (error) {
      ofFind = error;
    }
    try {
      this.#computeExpression(path, value);
    } catch (error) {
      if (!(ofFind instanceof MongoServerError && error instanceof MongoServerError)) throw error;
      throw sliceSyntaxError(value, ofFind, error);
    }
  }

  /** A field of a value of its own; only an inclusion has such. */
  #compute(path: string, value: RawValue, code: number, message: string): void {
    if (this.#isInclusion === false) throw new MongoServerError(code, message);
    this.#isInclusion = true;
    this.#addExpression(path, value);
  }

  #addExpression(path: string, value: RawValue): void {
    this.#isSimple = false;
    if (path === '_id') this.#id = true;
    const expression = parseExpression(value, this.#rules.context);
    this.#add(path, 'compute').expression = expression;
    this.#markComputed(path);
  }

  #markComputed(path: string): void {
    let node = this.#root;
    node.computes = true;
    for (const name of path.split('.')) {
      node = node.children.find((child) => child.name === name)!;
      node.computes = true;
    }
  }

  #parsePositional(path: string, value: RawValue): void {
    const { type } = value;
    if (this.#rules.isOfPipeline) {
      throw new MongoServerError(
        31324,
        'Cannot use positional projection in aggregation projection',
      );
    }
    if (this.#hasElemMatch) {
      throw new MongoServerError(31256, 'Cannot specify positional operator and $elemMatch.');
    }
    if (type === BsonType.object) {
      throw new MongoServerError(
        31271,
        'positional projection cannot be used with an expression or sub object',
      );
    }
    if (!isNumberType(type) && type !== BsonType.bool) {
      throw new MongoServerError(31308, 'positional projection cannot be used with a literal');
    }
    if (this.#isPositional) {
      throw new MongoServerError(
        31276,
        'Cannot specify more than one positional projection per query.',
      );
    }
    if (this.#isInclusion === false || !isTruthy(value)) {
      throw new MongoServerError(31395, 'positional projection cannot be used with exclusion');
    }
    checkFieldPath(path);
    this.#isInclusion = true;
    this.#isPositional = true;
    this.#isSimple = false;
    this.#add(path, 'position');
  }

  #parseElemMatch(path: string, argument: RawValue): void {
    if (argument.type !== BsonType.object) {
      throw new MongoServerError(
        31274,
        `elemMatch: Invalid argument, object required, but got ${typeAlias(argument.type)}`,
      );
    }
    if (path.includes('.')) {
      throw new MongoServerError(31275, 'Cannot use $elemMatch projection on a nested field.');
    }
    if (this.#isPositional) {
      throw new MongoServerError(31255, 'Cannot specify positional operator and $elemMatch.');
    }
    this.#hasElemMatch = true;
    const filter = parseElemMatch(
      path,
      argument,
      new FilterTreeParser(undefined, this.#rules.context.variables.collation),
    );
    this.#add(path, 'elemMatch').elemMatch = new ElemMatchProjection(path, filter);
    this.#markComputed(path);
  }

  #decide(path: string, includes: boolean): void {
    if (path.includes('.')) this.#isSimple = false;
    if (path === '_id') {
      this.#id = includes;
    } else {
      if (this.#isInclusion === undefined) {
        if (!includes && this.#isPositional) {
          throw new MongoServerError(31395, 'positional projection cannot be used with exclusion');
        }
        this.#isInclusion = includes;
      } else if (this.#isInclusion !== includes) {
        throw includes
          ? new MongoServerError(
              31253,
              `Cannot do inclusion on field ${path} in exclusion projection`,
            )
          : new MongoServerError(
              31254,
              `Cannot do exclusion on field ${path} in inclusion projection`,
            );
      }
    }
    if (includes) this.#included.push(path);
    this.#add(path, includes ? 'copy' : 'drop');
  }

  #add(path: string, action: ProjectionAction): ProjectionNode {
    const parts = path.split('.');
    let node = this.#root;
    for (let at = 0; at < parts.length; at++) {
      const name = parts[at]!;
      const isLast = at === parts.length - 1;
      let child = node.children.find((one) => one.name === name);
      if (child === undefined) {
        child = projectionNode(name, isLast ? action : 'descend');
        node.children.push(child);
      } else if (isLast) {
        throw new MongoServerError(31250, `Path collision at ${path}`);
      } else if (child.action !== 'descend') {
        throw new MongoServerError(
          31249,
          `Path collision at ${path} remaining portion ${parts.slice(at + 1).join('.')}`,
        );
      }
      node = child;
    }
    return node;
  }
}
