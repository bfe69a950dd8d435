/**
 * A filter's tree as one function on bytes. All paths it asks for are found in one pass over the
 * document; values are compared where they lie.
 */
import { BsonType, ElementReader } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { documentValue, isTruthy, Scope } from '../expressions/index.ts';
import {
  type ElemMatchObjectNode,
  type ElemMatchValueNode,
  type ExprNode,
  type FilterNode,
  type LeafNode,
  missingType,
  type TextNode,
  type ValueTest,
} from './filter-node.ts';
import { satisfies } from './json-schema/schema.ts';
import { bitsTest } from './operators/bits.ts';
import { comparisonTest } from './operators/comparison.ts';
import { existsTest } from './operators/exists.ts';
import { geoTest } from './operators/geo-region.ts';
import { modTest } from './operators/mod.ts';
import { regexTest } from './operators/regex.ts';
import { sizeTest } from './operators/size.ts';
import { typeTest } from './operators/type.ts';
import { valueListTest } from './operators/value-list.ts';
import { type PathVisitor, visitElements, visitPath } from './path.ts';
import { arrayOnPath, SlotTable } from './slot-table.ts';

/** Whether the document at `start` matches. */
export type DocumentTest = (buffer: Buffer, start: number) => boolean;

/** The document being matched; one for each compiled filter. */
interface Current {
  buffer: Buffer;
  start: number;
}

const noBytes = Buffer.alloc(5);

/** The filter as a function. It keeps state while it runs, so it must not call itself. */
export function compileFilter(root: FilterNode): DocumentTest {
  const slots = new SlotTable();
  collectSlots(root, slots);
  const current: Current = { buffer: noBytes, start: 0 };
  const test = compileNode(root, slots, current);
  return (buffer, start) => {
    current.buffer = buffer;
    current.start = start;
    slots.fill(buffer, start);
    return test();
  };
}

function collectSlots(node: FilterNode, slots: SlotTable): void {
  switch (node.kind) {
    case 'and':
    case 'or':
    case 'nor':
      for (const child of node.children) collectSlots(child, slots);
      return;
    case 'not':
      collectSlots(node.child, slots);
      return;
    case 'text':
    case 'expr':
    case 'jsonSchema':
    case 'where':
    case 'alwaysTrue':
    case 'alwaysFalse':
      return;
    default:
      slots.slotOf(node.path);
  }
}

function compileNode(node: FilterNode, slots: SlotTable, current: Current): () => boolean {
  switch (node.kind) {
    case 'and':
      return every(node.children.map((child) => compileNode(child, slots, current)));
    case 'or':
      return some(node.children.map((child) => compileNode(child, slots, current)));
    case 'nor': {
      const any = some(node.children.map((child) => compileNode(child, slots, current)));
      return () => !any();
    }
    case 'not': {
      const inner = compileNode(node.child, slots, current);
      return () => !inner();
    }
    case 'text':
      return compileText(node, current);
    case 'expr':
      return compileExpression(node, current);
    case 'jsonSchema':
      return () => satisfies(node.schema, documentValue(current.buffer, current.start));
    case 'where':
      return () => node.run.test(documentValue(current.buffer, current.start));
    case 'alwaysTrue':
      return () => true;
    case 'alwaysFalse':
      return () => false;
    default:
      return compileLeaf(node, slots, current);
  }
}

function compileText({ binding }: TextNode, current: Current): () => boolean {
  return () => {
    if (binding.matches === undefined) {
      throw new MongoServerError('IndexNotFound', 'text index required for $text query');
    }
    return binding.matches(current.buffer, current.start);
  };
}

function compileExpression({ expression }: ExprNode, current: Current): () => boolean {
  const scope = new Scope(noBytes, 0);
  return () => {
    scope.buffer = current.buffer;
    scope.start = current.start;
    return isTruthy(expression.evaluate(scope));
  };
}

function every(tests: readonly (() => boolean)[]): () => boolean {
  if (tests.length === 1) return tests[0]!;
  return () => {
    for (let i = 0; i < tests.length; i++) if (!tests[i]!()) return false;
    return true;
  };
}

function some(tests: readonly (() => boolean)[]): () => boolean {
  if (tests.length === 1) return tests[0]!;
  return () => {
    for (let i = 0; i < tests.length; i++) if (tests[i]!()) return true;
    return false;
  };
}

/** Whether an array at the end of the path stands for its elements too. */
export function expandsLastArray(node: LeafNode): boolean {
  return node.kind !== 'size' && node.kind !== 'elemMatchObject' && node.kind !== 'elemMatchValue';
}

function compileLeaf(node: LeafNode, slots: SlotTable, current: Current): () => boolean {
  const slot = slots.slotOf(node.path);
  const { types, starts } = slots;
  const path = slots.paths[slot]!;
  const test = compileTest(node);
  const expandLast = expandsLastArray(node);
  const visit: PathVisitor = test;
  return () => {
    const type = types[slot]!;
    if (type === BsonType.array && expandLast) {
      const start = starts[slot]!;
      return visitElements(current.buffer, start, visit) || test(current.buffer, type, start);
    }
    if (type === arrayOnPath) {
      return visitPath(current.buffer, current.start, path, expandLast, visit);
    }
    return test(current.buffer, type, starts[slot]!);
  };
}

/** The test of one value, arrays not expanded. */
export function compileTest(node: LeafNode): ValueTest {
  switch (node.kind) {
    case 'comparison':
      return comparisonTest(node);
    case 'in':
      return valueListTest(node);
    case 'regex':
      return regexTest(node);
    case 'exists':
      return existsTest;
    case 'type':
      return typeTest(node);
    case 'mod':
      return modTest(node);
    case 'size':
      return sizeTest(node);
    case 'bits':
      return bitsTest(node);
    case 'geo':
      return geoTest(node);
    case 'near':
      return () => true;
    case 'elemMatchObject':
      return arrayTest(elementAsDocument(node));
    case 'elemMatchValue':
      return arrayTest(elementAsValue(node));
  }
}

/** The test of an element of an array under an `$elemMatch`. */
export function compileElementTest(node: ElemMatchObjectNode | ElemMatchValueNode): ValueTest {
  return node.kind === 'elemMatchObject' ? elementAsDocument(node) : elementAsValue(node);
}

function arrayTest(element: ValueTest): ValueTest {
  return (buffer, type, start) => {
    if (type !== BsonType.array) return false;
    const reader = new ElementReader(buffer, start);
    while (reader.next()) if (element(buffer, reader.type, reader.start)) return true;
    return false;
  };
}

function elementAsDocument(node: ElemMatchObjectNode): ValueTest {
  const test = compileFilter(node.child);
  return (buffer, type, start) =>
    (type === BsonType.object || type === BsonType.array) && test(buffer, start);
}

function elementAsValue(node: ElemMatchValueNode): ValueTest {
  const tests = node.children.map(compileSingle);
  return (buffer, type, start) => tests.every((test) => test(buffer, type, start));
}

/** A node as a test of one value that is not a field: under an `$elemMatch` over values. */
export function compileSingle(node: FilterNode): ValueTest {
  switch (node.kind) {
    case 'and': {
      const tests = node.children.map(compileSingle);
      return (buffer, type, start) => tests.every((test) => test(buffer, type, start));
    }
    case 'or': {
      const tests = node.children.map(compileSingle);
      return (buffer, type, start) => tests.some((test) => test(buffer, type, start));
    }
    case 'nor': {
      const tests = node.children.map(compileSingle);
      return (buffer, type, start) => !tests.some((test) => test(buffer, type, start));
    }
    case 'not': {
      const test = compileSingle(node.child);
      return (buffer, type, start) => !test(buffer, type, start);
    }
    case 'text':
    case 'expr':
    case 'jsonSchema':
    case 'where':
      throw new Error(`$${node.kind} is about documents, not about values`);
    case 'alwaysTrue':
      return (_buffer, type) => type !== missingType;
    case 'alwaysFalse':
      return () => false;
    default:
      return compileTest(node);
  }
}
