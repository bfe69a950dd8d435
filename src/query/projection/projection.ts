import {
  BsonType,
  type DocumentWriter,
  valueEnd,
  DocumentWriter as Writer,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  type Metadata,
  type MetaWord,
  noVariables,
  ParseContext,
  Scope,
  type Variables,
} from '../../expressions/index.ts';
import type { Filter } from '../filter.ts';
import { holdsExpr } from '../filter-node.ts';
import { visitElements } from '../path.ts';
import { type ProjectionTree, parseProjectionTree } from './parse-projection.ts';
import type { ProjectionNode } from './projection-node.ts';
import { sliceRange } from './slice.ts';

export interface ProjectionOptions {
  /** What the documents matched: the positional `$` asks it for the array position. */
  readonly filter?: Filter;
  /** What its expressions may name beside the document. */
  readonly variables?: Variables;
}

const scratch = new Writer(4096);
const emptyDocument = Buffer.from([5, 0, 0, 0, 0]);

/** A parsed projection: copies the wanted bytes of a document into a new one. */
export class Projection {
  readonly #tree: ProjectionTree;
  readonly #filter: Filter | undefined;
  /** Of an inclusion: the paths a covering index must have. Undefined when whole documents are needed. */
  readonly neededPaths: readonly string[] | undefined;
  readonly #scope = new Scope(emptyDocument, 0);
  #position = -1;

  constructor(tree: ProjectionTree, filter: Filter | undefined) {
    this.#tree = tree;
    this.#filter = filter;
    if (tree.isPositional && filter !== undefined) checkPositional(filter);
    this.neededPaths = tree.isInclusion && tree.isSimple ? tree.includedPaths : undefined;
  }

  /** Only whole top-level fields are kept or dropped. */
  get isSimple(): boolean {
    return this.#tree.isSimple;
  }

  get isPositional(): boolean {
    return this.#tree.isPositional;
  }

  get isInclusion(): boolean {
    return this.#tree.isInclusion;
  }

  /** What it wants to know of documents beside their fields. */
  get metaWords(): ReadonlySet<MetaWord> {
    return this.#tree.metaWords;
  }

  /** `{}`: documents stay as they are. */
  get isEmpty(): boolean {
    return this.#tree.root.children.length === 0;
  }

  /** The projected document. */
  apply(buffer: Buffer, start: number, metadata?: Metadata): Buffer {
    // An error may have left a document open.
    scratch.reset();
    scratch.startDocument();
    this.writeFields(buffer, start, scratch, metadata);
    scratch.end();
    return scratch.finish();
  }

  /** Writes the fields of the projected document into the document that is open in `writer`. */
  writeFields(buffer: Buffer, start: number, writer: DocumentWriter, metadata?: Metadata): void {
    const tree = this.#tree;
    if (tree.isPositional) {
      this.#position = this.#filter?.positionOfMatch(buffer, start) ?? -1;
    }
    this.#scope.buffer = buffer;
    this.#scope.start = start;
    this.#scope.metadata = metadata;
    this.#writeFields(tree.root, buffer, start, writer);
  }

  /** The fields of a document: those the projection names, and of an exclusion all others as well. */
  #writeFields(
    node: ProjectionNode,
    buffer: Buffer,
    document: number,
    writer: DocumentWriter,
  ): void {
    const { children } = node;
    const keepsOthers = !this.#tree.isInclusion;
    const seen = node.computes ? new Set<ProjectionNode>() : undefined;
    let at = document + 4;
    for (;;) {
      const type = buffer[at]!;
      if (!(type > 0)) break;
      let nameEnd = at + 1;
      while (buffer[nameEnd]! > 0) nameEnd++;
      const start = nameEnd + 1;
      const end = valueEnd(buffer, type, start);
      const child = findChild(children, buffer, at + 1, nameEnd);
      if (child === undefined ? keepsOthers : child.action === 'copy') {
        writer.element(buffer, at, end);
      } else if (child !== undefined) {
        if (child.action === 'descend') seen?.add(child);
        this.#writeValue(child, child.name, buffer, type, start, end, writer);
      }
      at = end;
    }
    if (seen !== undefined) this.#writeComputed(node, seen, writer);
  }

  /** Computed fields, those below fields that are not there too, in the order of the projection. */
  #writeComputed(
    node: ProjectionNode,
    seen: ReadonlySet<ProjectionNode> | undefined,
    writer: DocumentWriter,
  ): void {
    const scope = this.#scope;
    for (const child of node.children) {
      if (!child.computes) continue;
      if (child.action === 'compute') {
        const value = child.expression!.evaluate(scope);
        if (value !== undefined) writer.raw(child.name, value);
      } else if (child.action === 'elemMatch') {
        // An exclusion has it where it stood.
        if (this.#tree.isInclusion) child.elemMatch!.write(scope.buffer, scope.start, writer);
      } else if (seen?.has(child) !== true) {
        writer.startObject(child.name);
        this.#writeComputed(child, undefined, writer);
        writer.end();
      }
    }
  }

  /** What is left of a value under a name. A scalar on whose path the projection goes on counts as other. */
  #writeValue(
    node: ProjectionNode,
    name: string,
    buffer: Buffer,
    type: number,
    start: number,
    end: number,
    writer: DocumentWriter,
  ): void {
    const keepsOthers = !this.#tree.isInclusion;
    if (node.action === 'elemMatch' && keepsOthers) {
      node.elemMatch!.write(this.#scope.buffer, this.#scope.start, writer);
      return;
    }
    if (node.action === 'drop' || node.action === 'compute' || node.action === 'elemMatch') return;
    if (node.action === 'slice' || node.action === 'position') {
      this.#writeCut(node, name, buffer, type, start, end, writer);
    } else if (type === BsonType.object) {
      writer.startObject(name);
      this.#writeFields(node, buffer, start, writer);
      writer.end();
    } else if (type === BsonType.array) {
      writer.startArray(name);
      let kept = 0;
      visitElements(buffer, start, (bytes, elementType, elementStart) => {
        const isNested = elementType === BsonType.object || elementType === BsonType.array;
        if (keepsOthers || node.computes || isNested) {
          const elementEnd = valueEnd(bytes, elementType, elementStart);
          const index = `${kept++}`;
          this.#writeValue(node, index, bytes, elementType, elementStart, elementEnd, writer);
        }
        return false;
      });
      writer.end();
    } else if (node.computes) {
      writer.startObject(name);
      this.#writeComputed(node, undefined, writer);
      writer.end();
    } else if (keepsOthers) writer.rawBytes(name, type, buffer, start, end);
  }

  /** An array cut by `$slice` or the positional `$`; other values as they are. */
  #writeCut(
    node: ProjectionNode,
    name: string,
    buffer: Buffer,
    type: number,
    start: number,
    end: number,
    writer: DocumentWriter,
  ): void {
    if (type !== BsonType.array) {
      writer.rawBytes(name, type, buffer, start, end);
      return;
    }
    let length = 0;
    visitElements(buffer, start, () => {
      length++;
      return false;
    });
    let from = this.#position;
    let to = from + 1;
    if (node.action === 'slice') [from, to] = sliceRange(length, node.slice!);
    else if (from < 0) {
      throw new MongoServerError(
        51246,
        "positional operator '.$' couldn't find a matching element in the array",
      );
    } else if (from >= length) {
      throw new MongoServerError(51247, "positional operator '.$' element mismatch");
    }
    writer.startArray(name);
    visitElements(buffer, start, (bytes, elementType, elementStart, index) => {
      if (index >= to) return true;
      if (index >= from) {
        const elementEnd = valueEnd(bytes, elementType, elementStart);
        writer.rawBytes(`${index - from}`, elementType, bytes, elementStart, elementEnd);
      }
      return false;
    });
    writer.end();
  }
}

function findChild(
  children: readonly ProjectionNode[],
  buffer: Buffer,
  nameStart: number,
  nameEnd: number,
): ProjectionNode | undefined {
  const length = nameEnd - nameStart;
  for (let i = 0; i < children.length; i++) {
    const child = children[i]!;
    const { bytes } = child;
    if (bytes.length !== length) continue;
    let j = 0;
    while (j < length && buffer[nameStart + j] === bytes[j]) j++;
    if (j === length) return child;
  }
  return undefined;
}

/** Parses the projection document at `start`; without one (undefined) documents stay whole. */
export function parseProjection(
  projection: Buffer | undefined,
  start: number,
  options: ProjectionOptions = {},
): Projection {
  const context = ParseContext.of(options.variables ?? noVariables);
  const tree = parseProjectionTree(projection ?? emptyDocument, start, {
    context,
    isOfPipeline: false,
  });
  return new Projection(tree, options.filter);
}

function checkPositional({ root }: Filter): void {
  if (!holdsExpr(root)) return;
  throw new MongoServerError('QueryFeatureNotAllowed', '$expr is not allowed in this context');
}
