import { BsonType, DocumentWriter, findField, type RawValue } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { Filter } from './filter.ts';
import { type FilterNode, holdsExpr } from './filter-node.ts';
import { type MatchInfo, type Update, withIdFirst } from './update.ts';

/**
 * The document an upsert inserts: what the filter says by equality, then the update on it. Without an
 * `_id` in either it has none; the caller makes one. A replacement takes only `_id` from the filter.
 */
export function buildUpsertDocument(filter: Filter, update: Update, match: MatchInfo = {}): Buffer {
  const equalities = new Map<string, RawValue>();
  collectEqualities(filter.root, equalities);
  if (update.isReplacement) {
    const id = equalities.get('_id');
    equalities.clear();
    if (id !== undefined) equalities.set('_id', id);
  }
  checkDistinct([...equalities.keys()]);
  const seed = documentOf(equalities);
  const { document } = update.apply(seed, 0, { ...match, isInsert: true });
  return withIdFirst(document, findField(document, 0, '_id'));
}

/** Throws when the filter of an upsert says something no document can be seeded from. */
export function checkUpsertFilter({ root }: Filter): void {
  if (!holdsExpr(root)) return;
  throw new MongoServerError(
    'QueryFeatureNotAllowed',
    '$expr is not allowed in the query predicate for an upsert',
  );
}

function collectEqualities(node: FilterNode, into: Map<string, RawValue>): void {
  if (node.kind === 'and') {
    for (const child of node.children) collectEqualities(child, into);
    return;
  }
  let value: RawValue | undefined;
  if (node.kind === 'comparison' && node.operator === '$eq') ({ value } = node);
  else if (node.kind === 'in' && node.values.length === 1 && node.regexes.length === 0) {
    value = node.values[0];
  }
  if (value === undefined || !('path' in node)) return;
  if (into.has(node.path)) {
    throw new MongoServerError(
      'NotSingleValueField',
      `cannot infer query fields to set, path '${node.path}' is matched twice`,
    );
  }
  into.set(node.path, value);
}

function checkDistinct(paths: readonly string[]): void {
  for (const path of paths) {
    for (const other of paths) {
      if (other.startsWith(`${path}.`)) {
        throw new MongoServerError(
          'NotSingleValueField',
          `cannot infer query fields to set, both paths '${other}' and '${path}' are matched`,
        );
      }
    }
  }
}

interface Branch extends Map<string, RawValue | Branch> {}

function documentOf(equalities: ReadonlyMap<string, RawValue>): Buffer {
  const root: Branch = new Map();
  for (const [path, value] of equalities) {
    const parts = path.split('.');
    let node = root;
    for (const part of parts.slice(0, -1)) {
      let next = node.get(part);
      if (!(next instanceof Map)) {
        next = new Map<string, RawValue | Branch>();
        node.set(part, next);
      }
      node = next;
    }
    node.set(parts.at(-1)!, value);
  }
  const writer = new DocumentWriter(512);
  writer.startDocument();
  write(root);
  writer.end();
  return writer.finish();

  function write(node: Branch): void {
    for (const [name, value] of node) {
      if (value instanceof Map) {
        writer.startObject(name);
        write(value);
        writer.end();
      } else if (value.type === BsonType.undefined) writer.null(name);
      else writer.raw(name, value);
    }
  }
}
