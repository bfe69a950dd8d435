/** The specification of a projection, checked by the server's rules, as a tree by path components. */
import {
  BsonType,
  copyDocument,
  ElementReader,
  isTruthy,
  type RawValue,
  typeAlias,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { checkFieldPath } from '../../expressions/index.ts';

import { parseElemMatch } from '../operators/elem-match.ts';
import { FilterTreeParser } from '../parse-filter.ts';
import { isNumberType } from '../raw-number.ts';
import { ElemMatchProjection } from './elem-match.ts';
import { type ProjectionAction, type ProjectionNode, projectionNode } from './projection-node.ts';
import { parseSlice } from './slice.ts';

export interface ProjectionTree {
  readonly root: ProjectionNode;
  readonly isInclusion: boolean;
  /** Whole top-level fields only: no dotted path, slice, position or $elemMatch. */
  readonly isSimple: boolean;
  readonly isPositional: boolean;
  readonly elemMatches: readonly ElemMatchProjection[];
  readonly includedPaths: readonly string[];
}

const maxDepth = 100;

/** The tree of the projection at `start`, on a copy of its bytes. */
export function parseProjectionTree(buffer: Buffer, start: number): ProjectionTree {
  const parser = new ProjectionParser();
  parser.parseDocument(copyDocument(buffer, start), 0, '', 0);
  return parser.finish();
}

class ProjectionParser {
  readonly #root = projectionNode('', 'descend');
  readonly #elemMatches: ElemMatchProjection[] = [];
  readonly #included: string[] = [];
  #isInclusion: boolean | undefined;
  #id: boolean | undefined;
  #isPositional = false;
  #isSimple = true;
  #hasElemMatch = false;

  parseDocument(buffer: Buffer, start: number, prefix: string, depth: number): void {
    if (depth > maxDepth) {
      throw new MongoServerError('Overflow', 'a projection nests too deeply');
    }
    const reader = new ElementReader(buffer, start);
    while (reader.next()) {
      const name = reader.name();
      this.#parseField(prefix === '' ? name : `${prefix}.${name}`, name, reader.value(), depth);
    }
  }

  finish(): ProjectionTree {
    // An _id alone decides; $elemMatch alone includes, $slice alone keeps everything.
    const isInclusion =
      this.#isInclusion ?? (this.#hasElemMatch || (this.#id === true && this.#isSimple));
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
      elemMatches: this.#elemMatches,
      includedPaths: this.#included,
    };
  }

  #parseField(path: string, name: string, value: RawValue, depth: number): void {
    if (path.endsWith('.$')) {
      this.#parsePositional(path.slice(0, -2));
      return;
    }
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
      throw new MongoServerError(
        'NotImplemented',
        `Projecting field '${path}' to an expression or literal is not implemented in arkset yet`,
      );
    }
    const reader = new ElementReader(value.buffer, value.start);
    if (!reader.next()) {
      throw new MongoServerError(
        51270,
        `An empty sub-projection is not a valid value. Found empty object at path ${path}`,
      );
    }
    const first = reader.name();
    if (!first.startsWith('$')) {
      this.parseDocument(value.buffer, value.start, path, depth + 1);
      return;
    }
    const argument = reader.value();
    if (reader.next()) {
      throw new MongoServerError(
        15983,
        `An object representing an expression must have exactly one field: ${first}, ${reader.name()}`,
      );
    }
    this.#isSimple = false;
    switch (first) {
      case '$slice':
        this.#add(path, 'slice').slice = parseSlice(argument);
        if (this.#isInclusion !== false) this.#included.push(path);
        return;
      case '$elemMatch':
        this.#parseElemMatch(path, argument);
        return;
      default:
        throw new MongoServerError(
          'NotImplemented',
          `${first} in the projection of '${name}' is not implemented in arkset yet`,
        );
    }
  }

  #parsePositional(path: string): void {
    if (this.#isPositional) {
      throw new MongoServerError(
        31276,
        'Cannot specify more than one positional projection per query.',
      );
    }
    if (this.#isInclusion === false) {
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
      throw new MongoServerError(
        31275,
        'Cannot use $elemMatch projection on a nested field (currently unsupported).',
      );
    }
    this.#hasElemMatch = true;
    this.#add(path, 'elemMatch');
    const node = parseElemMatch(path, argument, new FilterTreeParser());
    this.#elemMatches.push(new ElemMatchProjection(path, node));
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
