/**
 * Runs an update tree over a document: old bytes are copied, changed fields written in their place,
 * new ones behind them in the order of their names. The diff is a by-product.
 */
import {
  BsonType,
  DocumentWriter,
  documentEnd,
  ElementReader,
  elementText,
  maxDocumentDepth,
  type RawValue,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { ValueTest } from '../filter-node.ts';
import { arrayIndexOf } from '../path.ts';
import { elementsOf } from './array-elements.ts';
import { addChange, type Diff, isEmptyDiff, newDiff } from './diff.ts';
import { changeTo, removed, type UpdateContext, unchanged } from './modifier.ts';
import { nestsTooDeep } from './nesting.ts';
import {
  createsFields,
  mergeNodes,
  mustReach,
  type UpdateBranch,
  type UpdateLeaf,
  type UpdateNode,
} from './update-tree.ts';

/** As far as an update may fill an array up with nulls (the server's limit). */
const maxPadding = 1_500_000;

export class UpdateRun {
  readonly changedPaths: string[] = [];
  readonly #context: UpdateContext;
  readonly #filters: ReadonlyMap<string, ValueTest>;
  readonly #writer: DocumentWriter;
  #depth = 0;

  constructor(
    context: UpdateContext,
    filters: ReadonlyMap<string, ValueTest>,
    writer: DocumentWriter,
  ) {
    this.#context = context;
    this.#filters = filters;
    this.#writer = writer;
  }

  /** Writes the fields of the updated document; the caller has opened it and will end it. */
  document(node: UpdateBranch, buffer: Buffer, start: number, path: string): Diff {
    if (++this.#depth > maxDocumentDepth) {
      throw nestsTooDeep();
    }
    const writer = this.#writer;
    const diff = newDiff(false);
    const seen = new Set<string>();
    const reader = new ElementReader(buffer, start);
    // Neighbours that stay as they are get copied together.
    let runStart = -1;
    while (reader.next()) {
      const name = reader.name();
      const child = seen.has(name) ? undefined : this.#childOf(node, name);
      if (child === undefined) {
        if (runStart < 0) runStart = reader.elementStart;
        continue;
      }
      if (runStart >= 0) writer.element(buffer, runStart, reader.elementStart);
      runStart = -1;
      seen.add(name);
      this.#field(child, name, reader.value(), join(path, name), diff);
    }
    if (runStart >= 0) writer.element(buffer, runStart, documentEnd(buffer, start) - 1);
    for (const [name, child] of node.children) {
      const real = this.#realName(name, path);
      if (seen.has(real)) continue;
      const created = this.#create(child, join(path, real));
      if (created === undefined) continue;
      writer.raw(real, created);
      diff.inserted.push([real, created]);
      this.changedPaths.push(join(path, real));
    }
    this.#depth--;
    return diff;
  }

  /** `$` on a document is the field named like the matched position. */
  #childOf(node: UpdateBranch, name: string): UpdateNode | undefined {
    const child = node.children.get(name);
    if (child !== undefined && name !== '$' && !name.startsWith('$[')) return child;
    const { position } = this.#context;
    return position >= 0 && `${position}` === name ? node.children.get('$') : undefined;
  }

  #realName(name: string, path: string): string {
    if (name === '$') {
      if (this.#context.position < 0) throw noPosition();
      return `${this.#context.position}`;
    }
    if (name.startsWith('$[')) {
      throw new MongoServerError(
        'BadValue',
        `The path '${path}' must exist in the document in order to apply array updates.`,
      );
    }
    return name;
  }

  #field(node: UpdateNode, name: string, value: RawValue, path: string, diff: Diff): void {
    const writer = this.#writer;
    if (node.kind === 'leaf') {
      const change = node.modifier.apply(value, this.#context, path);
      if (change === unchanged) writer.raw(name, value);
      else if (change === removed) {
        diff.deleted.push(name);
        this.changedPaths.push(path);
      } else {
        writer.raw(name, change);
        addChange(diff, name, value, change);
        this.changedPaths.push(path);
      }
      return;
    }
    this.#below(node, name, value, path, diff);
  }

  #below(node: UpdateBranch, name: string, value: RawValue, path: string, diff: Diff): void {
    const writer = this.#writer;
    let inner: Diff | undefined;
    if (value.type === BsonType.object) {
      writer.startObject(name);
      inner = this.document(node, value.buffer, value.start, path);
      writer.end();
    } else if (value.type === BsonType.array) {
      writer.startArray(name);
      inner = this.#array(node, value, path, name);
      writer.end();
    } else {
      for (const [key, child] of node.children) {
        if (key.startsWith('$[')) {
          throw new MongoServerError(
            'BadValue',
            `Cannot apply array updates to non-array element ${elementText(name, value)}`,
          );
        }
        if (mustReach(child))
          throw notViable(child, join(path, this.#realName(key, path)), name, value);
      }
      writer.raw(name, value);
    }
    if (inner !== undefined && !isEmptyDiff(inner)) diff.below.push([name, inner]);
  }

  #array(node: UpdateBranch, array: RawValue, path: string, name: string): Diff {
    const writer = this.#writer;
    const diff = newDiff(true);
    const elements = elementsOf(array);
    const nodes = this.#nodesOfElements(node, elements, array, path, name);
    for (const [index, value] of elements.entries()) {
      const found = nodes.get(index);
      if (found === undefined) {
        writer.raw(`${index}`, value);
        continue;
      }
      const here = join(path, `${index}`);
      this.#element(mergeNodes(found, here), index, value, here, diff);
    }
    let { length } = elements;
    const beyond = [...nodes.keys()].filter((index) => index >= length).sort((a, b) => a - b);
    for (const index of beyond) {
      const here = join(path, `${index}`);
      const created = this.#create(mergeNodes(nodes.get(index)!, here), here);
      if (created === undefined) continue;
      if (index - length > maxPadding) {
        throw new MongoServerError(
          'CannotBackfillArray',
          `can't backfill more than ${maxPadding} elements`,
        );
      }
      while (length < index) writer.null(`${length++}`);
      writer.raw(`${length++}`, created);
      diff.updated.push([`${index}`, created]);
      // The array as a whole changed: it is longer.
      this.changedPaths.push(path);
    }
    return diff;
  }

  #element(node: UpdateNode, index: number, value: RawValue, path: string, diff: Diff): void {
    const name = `${index}`;
    if (node.kind === 'branch') {
      this.#below(node, name, value, path, diff);
      return;
    }
    const change = node.modifier.apply(value, this.#context, path);
    // An element is never removed, it becomes null; one that is null already stays as it is.
    const next = change === removed ? changeTo(value, nullValue) : change;
    if (next === unchanged || next === removed) {
      this.#writer.raw(name, value);
      return;
    }
    this.#writer.raw(name, next);
    addChange(diff, name, value, next);
    this.changedPaths.push(path);
  }

  /** Which nodes apply to which element. */
  #nodesOfElements(
    node: UpdateBranch,
    elements: readonly RawValue[],
    array: RawValue,
    path: string,
    name: string,
  ): Map<number, UpdateNode[]> {
    const nodes = new Map<number, UpdateNode[]>();
    const add = (index: number, child: UpdateNode): void => {
      const list = nodes.get(index);
      if (list === undefined) nodes.set(index, [child]);
      else list.push(child);
    };
    for (const [key, child] of node.children) {
      if (key.startsWith('$[')) {
        const identifier = key.slice(2, -1);
        const test = identifier === '' ? undefined : this.#filters.get(identifier);
        elements.forEach((element, index) => {
          if (test === undefined || test(element.buffer, element.type, element.start)) {
            add(index, child);
          }
        });
        continue;
      }
      const real = this.#realName(key, path);
      const index = arrayIndexOf(real);
      if (index >= 0) add(index, child);
      else if (mustReach(child)) throw notViable(child, join(path, real), name, array);
    }
    return nodes;
  }

  /** The value of a field that was not there; undefined when nothing below creates one. */
  #create(node: UpdateNode, path: string): RawValue | undefined {
    if (node.kind === 'leaf') return this.#createLeaf(node, path);
    if (++this.#depth > maxDocumentDepth) {
      throw nestsTooDeep();
    }
    const fields: [string, RawValue][] = [];
    for (const [name, child] of node.children) {
      if (name.startsWith('$[') && !createsFields(child)) continue;
      const real = this.#realName(name, path);
      const created = this.#create(child, join(path, real));
      if (created !== undefined) fields.push([real, created]);
    }
    this.#depth--;
    if (fields.length === 0) return undefined;
    const writer = new DocumentWriter(256);
    writer.startDocument();
    for (const [name, value] of fields) writer.raw(name, value);
    writer.end();
    const buffer = writer.finish();
    return { buffer, type: BsonType.object, start: 0, end: buffer.length };
  }

  #createLeaf({ modifier }: UpdateLeaf, path: string): RawValue | undefined {
    if (!modifier.creates) return undefined;
    const change = modifier.apply(undefined, this.#context, path);
    return change === unchanged || change === removed ? undefined : change;
  }
}

const nullValue: RawValue = { buffer: Buffer.alloc(1), type: BsonType.null, start: 0, end: 0 };

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function noPosition(): MongoServerError {
  return new MongoServerError(
    'BadValue',
    'The positional operator did not find the match needed from the query.',
  );
}

function notViable(
  child: UpdateNode,
  path: string,
  name: string,
  value: RawValue,
): MongoServerError {
  const field = path.slice(path.lastIndexOf('.') + 1);
  const element = `{${elementText(name, value)}}`;
  return new MongoServerError(
    'PathNotViable',
    createsFields(child)
      ? `Cannot create field '${field}' in element ${element}`
      : `Cannot use the part (${field}) of (${path}) to traverse the element (${element})`,
  );
}
