import {
  BsonType,
  type Collation,
  DocumentWriter,
  type RawValue,
  valueEnd,
  valueText,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { compileFilter, compileSingle } from '../compile-filter.ts';
import type { FilterNode, ValueTest } from '../filter-node.ts';
import { FilterTreeParser } from '../parse-filter.ts';

const writer = new DocumentWriter(256);

/** The tests of `arrayFilters: [{'id.b': 1}, ...]` by identifier. */
export function parseArrayFilters(
  filters: readonly RawValue[],
  update: RawValue,
  used: ReadonlyMap<string, string>,
  collation: Collation | undefined,
): Map<string, ValueTest> {
  const tests = new Map<string, ValueTest>();
  let unused: string | undefined;
  for (const filter of filters) {
    const root = new FilterTreeParser(undefined, collation).parseDocument(
      filter.buffer,
      filter.start,
    );
    const identifier = identifierOf(root, undefined);
    if (identifier === undefined) {
      throw new MongoServerError(
        'FailedToParse',
        'Cannot use an expression without a top-level field name in arrayFilters',
      );
    }
    if (!/^[a-z][a-zA-Z0-9]*$/.test(identifier)) {
      throw new MongoServerError(
        'BadValue',
        `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${identifier}'`,
      );
    }
    if (tests.has(identifier)) {
      throw new MongoServerError(
        'FailedToParse',
        `Found multiple array filters with the same top-level field name ${identifier}`,
      );
    }
    tests.set(identifier, elementTest(root, identifier));
    if (!used.has(identifier)) unused ??= identifier;
  }
  for (const [identifier, path] of used) {
    if (!tests.has(identifier)) {
      throw new MongoServerError(
        'BadValue',
        `No array filter found for identifier '${identifier}' in path '${path}'`,
      );
    }
  }
  if (unused !== undefined) {
    throw new MongoServerError(
      'FailedToParse',
      `The array filter for identifier '${unused}' was not used in the update ${valueText(update)}`,
    );
  }
  return tests;
}

/** The one first path component of all predicates. */
function identifierOf(node: FilterNode, known: string | undefined): string | undefined {
  switch (node.kind) {
    case 'and':
    case 'or':
    case 'nor':
      return node.children.reduce<string | undefined>(
        (found, child) => identifierOf(child, found),
        known,
      );
    case 'not':
      return identifierOf(node.child, known);
    case 'text':
    case 'expr':
    case 'jsonSchema':
    case 'where':
    case 'alwaysTrue':
    case 'alwaysFalse':
      return known;
    default: {
      const [name = ''] = node.path.split('.');
      if (known !== undefined && known !== name) {
        throw new MongoServerError(
          'FailedToParse',
          `Error parsing array filter :: caused by :: Expected a single top-level field name, found '${known}' and '${name}'`,
        );
      }
      return name;
    }
  }
}

/**
 * The filter with the element as the value of a field named like the identifier: predicates on the
 * element itself are tested in place, others on the document wrapped once.
 */
function elementTest(root: FilterNode, identifier: string): ValueTest {
  const test = compileFilter(root);
  if (isOnElement(root, identifier)) {
    const single = compileSingle(root);
    return (buffer, type, start) =>
      type === BsonType.array ? wrapped(buffer, type, start) : single(buffer, type, start);
  }
  return (buffer, type, start) => wrapped(buffer, type, start);

  function wrapped(buffer: Buffer, type: number, start: number): boolean {
    writer.startDocument();
    writer.rawBytes(identifier, type, buffer, start, valueEnd(buffer, type, start));
    writer.end();
    return test(writer.finish(), 0);
  }
}

function isOnElement(node: FilterNode, identifier: string): boolean {
  switch (node.kind) {
    case 'and':
    case 'or':
    case 'nor':
      return node.children.every((child) => isOnElement(child, identifier));
    case 'not':
      return isOnElement(node.child, identifier);
    case 'text':
    case 'expr':
    case 'jsonSchema':
    case 'where':
    case 'alwaysTrue':
    case 'alwaysFalse':
      return true;
    default:
      return node.path === identifier;
  }
}
