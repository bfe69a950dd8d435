import {
  BsonType,
  copyDocument,
  copyValue,
  DocumentWriter,
  documentEnd,
  ElementReader,
  elementText,
  findField,
  maxDocumentDepth,
  type RawValue,
  typeAlias,
} from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { noVariables, type Variables, withConstants } from '../expressions/index.ts';
import type { Filter } from './filter.ts';
import type { ValueTest } from './filter-node.ts';
import { equalValues } from './update/add-to-set.ts';
import { UpdateRun } from './update/apply-update.ts';
import { elementsOf } from './update/array-elements.ts';
import { parseArrayFilters } from './update/array-filters.ts';
import { encodeDiff, isEmptyDiff } from './update/diff.ts';
import { changedPathsOf, diffDocuments } from './update/diff-documents.ts';
import { sameBytes, type UpdateContext } from './update/modifier.ts';
import { checkNesting } from './update/nesting.ts';
import {
  dollarPrefixed,
  immutableId,
  parseOperators,
  type Rename,
  type UpdateTree,
} from './update/parse-update.ts';
import { parseUpdatePipeline, type UpdatePipeline } from './update/pipeline.ts';

export interface UpdateOptions {
  /** The command's `arrayFilters`: the array value, or its documents. */
  readonly arrayFilters?: RawValue | readonly RawValue[] | undefined;
  readonly upsert?: boolean;
  /** What the expressions of a pipeline may name beside the document; the collation of comparisons. */
  readonly variables?: Variables;
  /** The `c` of a statement: further constants of a pipeline. */
  readonly constants?: RawValue | undefined;
}

/** What an update may know beside the document. */
export interface MatchInfo {
  /** What the document matched: the positional `$` asks it for the array position. */
  readonly filter?: Filter;
  /** The position itself, when it is known. */
  readonly position?: number;
  /** Milliseconds since 1970; `$currentDate` needs it. */
  readonly now?: number;
  readonly clusterTime?: { readonly t: number; readonly i: number };
  readonly isInsert?: boolean;
}

export interface UpdateResult {
  /** False: the document is as it was, byte for byte. */
  readonly modified: boolean;
  readonly document: Buffer;
  /** `{$v: 2, diff}`; undefined for a replacement, and when it would be longer than the document. */
  readonly delta?: Buffer;
  /** Paths whose values changed, with array positions; undefined: any may have. */
  readonly changedPaths?: readonly string[];
}

const writer = new DocumentWriter(4096);

/** A parsed update. It owns its bytes. */
export interface Update {
  readonly isReplacement: boolean;
  /** Needs `position` of MatchInfo: some path has a positional `$`. */
  readonly isPositional: boolean;
  /** The document after the update, and how it came to it. */
  apply(document: Buffer, start: number, match?: MatchInfo): UpdateResult;
}

/** By a pipeline: the new document is whatever comes out of it, with the `_id` it had. */
class PipelineUpdate implements Update {
  readonly isReplacement = false;
  readonly isPositional = false;
  readonly #run: UpdatePipeline;

  constructor(run: UpdatePipeline) {
    this.#run = run;
  }

  apply(document: Buffer, start: number): UpdateResult {
    const before = copyDocument(document, start);
    const made = this.#run(before);
    // Expressions may nest deeper than a document can be stored.
    checkNesting(made);
    const oldId = findField(before, 0, '_id');
    const newId = findField(made, 0, '_id');
    checkSameId(oldId, newId);
    const after = newId === undefined ? withIdFirst(made, oldId) : made;
    if (after.equals(before)) return { modified: false, document: before, changedPaths: [] };
    const diff = diffDocuments(before, after);
    if (diff === undefined) return { modified: true, document: after };
    const delta = encodeDiff(diff);
    return {
      modified: true,
      document: after,
      changedPaths: changedPathsOf(diff),
      ...(delta.length < after.length ? { delta } : {}),
    };
  }
}

function checkSameId(before: RawValue | undefined, after: RawValue | undefined): void {
  if (before === undefined || after === undefined || equalValues(before, after)) return;
  throw new MongoServerError(
    'ImmutableField',
    `After applying the update, the (immutable) field '_id' was found to have been altered to ${elementText('_id', after)}`,
  );
}

/** By operators, or by a document that takes the place of the old one. */
class DocumentUpdate implements Update {
  readonly isReplacement: boolean;
  /** Needs `position` of MatchInfo: some path has a positional `$`. */
  readonly isPositional: boolean;
  readonly #replacement: Buffer;
  readonly #tree: UpdateTree | undefined;
  readonly #mayNestDeeper: boolean;
  readonly #filters: ReadonlyMap<string, ValueTest>;

  constructor(update: RawValue, options: UpdateOptions) {
    const bytes = copyDocument(update.buffer, update.start);
    const whole = { buffer: bytes, type: update.type, start: 0, end: bytes.length };
    this.isReplacement = !startsWithDollar(bytes);
    this.#replacement = bytes;
    const filters = arrayFiltersOf(options.arrayFilters);
    if (this.isReplacement) {
      checkReplacement(bytes);
      if (filters.length > 0) {
        throw new MongoServerError(
          'FailedToParse',
          'Cannot specify arrayFilters with a replacement-style update',
        );
      }
      this.#filters = new Map();
      this.isPositional = false;
      this.#mayNestDeeper = false;
    } else {
      const collation = options.variables?.collation;
      this.#tree = parseOperators(whole, collation);
      const { dollarPath } = this.#tree;
      if (dollarPath !== undefined && options.upsert !== true) throw dollarPrefixed(dollarPath);
      this.#filters = parseArrayFilters(filters, whole, this.#tree.identifiers, collation);
      this.isPositional = hasPosition(this.#tree.root.children);
      this.#mayNestDeeper = mayNestTooDeep(this.#tree, bytes.length);
    }
  }

  /** The document after the update, and how it came to it. */
  apply(document: Buffer, start: number, match: MatchInfo = {}): UpdateResult {
    return this.#tree === undefined
      ? this.#replace(document, start)
      : this.#modify(this.#tree, document, start, match);
  }

  #position(document: Buffer, start: number, match: MatchInfo): number {
    if (match.position !== undefined) return match.position;
    return this.isPositional ? (match.filter?.positionOfMatch(document, start) ?? -1) : -1;
  }

  #replace(document: Buffer, start: number): UpdateResult {
    const end = documentEnd(document, start);
    const oldId = findField(document, start, '_id');
    const newId = findField(this.#replacement, 0, '_id');
    checkSameId(oldId, newId);
    const result = withIdFirst(this.#replacement, newId ?? oldId);
    // As MongoDB compares: what was given without an _id is never the document as it is.
    const given = this.#replacement;
    const modified = document.compare(given, 0, given.length, start, end) !== 0;
    return { modified, document: result };
  }

  #modify(tree: UpdateTree, document: Buffer, start: number, match: MatchInfo): UpdateResult {
    if (tree.dollarPath !== undefined && match.isInsert !== true) {
      throw dollarPrefixed(tree.dollarPath);
    }
    const oldId = findField(document, start, '_id');
    const now = match.now ?? 0;
    const context: UpdateContext = {
      position: this.#position(document, start, match),
      isInsert: match.isInsert ?? false,
      now,
      clusterTime: match.clusterTime ?? { t: Math.floor(now / 1000), i: 1 },
      get idText() {
        return oldId === undefined ? 'no id' : elementText('_id', oldId);
      },
      renamed: renamedValues(tree.renames, document, start),
    };
    const run = new UpdateRun(context, this.#filters, writer);
    let diff: ReturnType<UpdateRun['document']>;
    let result: Buffer;
    try {
      writer.startDocument();
      diff = run.document(tree.root, document, start, '');
      writer.end();
      result = writer.finish();
    } catch (error) {
      writer.reset();
      throw error;
    }
    if (isEmptyDiff(diff)) {
      return { modified: false, document: copyDocument(document, start), changedPaths: [] };
    }
    if (this.#mayNestDeeper) checkNesting(result);
    const newId = findField(result, 0, '_id');
    if (oldId !== undefined && (newId === undefined || !sameBytes(oldId, newId))) {
      const path = run.changedPaths.find((one) => /^_id(\.|$)/.test(one)) ?? '_id';
      throw immutableId(path);
    }
    const delta = encodeDiff(diff);
    return {
      modified: true,
      document: result,
      changedPaths: run.changedPaths,
      ...(delta.length < result.length ? { delta } : {}),
    };
  }
}

/** What a document inside takes at least: type, length and end, and a name of at least its own end. */
const nestedBytesMin = 7;

/**
 * Whether what an update of so many bytes puts at the end of its paths might nest too deep there. Most are
 * too short for it, and then the document that they make need not be walked.
 */
function mayNestTooDeep({ renames, pathPartsMax }: UpdateTree, updateBytes: number): boolean {
  const pushedInto = 1;
  const depth = pathPartsMax + pushedInto + Math.floor(updateBytes / nestedBytesMin);
  return renames.length > 0 || depth > maxDocumentDepth;
}

function arrayFiltersOf(filters: UpdateOptions['arrayFilters']): RawValue[] {
  if (filters === undefined) return [];
  if (!('buffer' in filters)) return filters.map(copyValue);
  const documents = elementsOf(copyValue(filters));
  for (const [at, one] of documents.entries()) {
    if (one.type === BsonType.object) continue;
    throw new MongoServerError(
      'TypeMismatch',
      `BSON field 'update.updates.arrayFilters.${at}' is the wrong type '${typeAlias(one.type)}', expected type 'object'`,
    );
  }
  return documents;
}

function startsWithDollar(document: Buffer): boolean {
  return document[4] !== 0 && document[5] === 0x24;
}

function hasPosition(
  children: ReadonlyMap<string, UpdateTree['root'] | { kind: 'leaf' }>,
): boolean {
  for (const [name, child] of children) {
    if (name === '$') return true;
    if (child.kind === 'branch' && hasPosition(child.children)) return true;
  }
  return false;
}

function checkReplacement(document: Buffer): void {
  const reader = new ElementReader(document, 0);
  while (reader.next()) {
    const name = reader.name();
    if (name.startsWith('$')) {
      throw dollarPrefixed(name);
    }
  }
}

/** The document with `_id`, if there is one, as its first field. */
export function withIdFirst(document: Buffer, id: RawValue | undefined): Buffer {
  if (id === undefined) return document;
  writer.startDocument();
  writer.raw('_id', id);
  const reader = new ElementReader(document, 0);
  let skipped = false;
  while (reader.next()) {
    if (!skipped && reader.name() === '_id') skipped = true;
    else writer.element(document, reader.elementStart, reader.end);
  }
  writer.end();
  return writer.finish();
}

/** What stands at the sources of `$rename` before anything changes. */
function renamedValues(
  renames: readonly Rename[],
  document: Buffer,
  start: number,
): Map<string, RawValue | undefined> {
  const values = new Map<string, RawValue | undefined>();
  for (const { from, to } of renames) {
    const value = valueAt(document, start, from, 'source');
    values.set(from, value);
    if (value !== undefined) valueAt(document, start, to, 'destination');
  }
  return values;
}

function valueAt(
  document: Buffer,
  start: number,
  path: string,
  role: 'source' | 'destination',
): RawValue | undefined {
  let current: RawValue = { buffer: document, type: BsonType.object, start, end: start };
  let name = '';
  for (const part of path.split('.')) {
    if (current.type === BsonType.array) {
      const id = findField(document, start, '_id');
      throw new MongoServerError(
        'BadValue',
        `The ${role} field cannot be an array element, '${path}' in doc with ${id === undefined ? 'no id' : elementText('_id', id)} has an array field called '${name}'`,
      );
    }
    if (current.type !== BsonType.object) return undefined;
    const found = findField(current.buffer, current.start, part);
    if (found === undefined) return undefined;
    current = found;
    name = part;
  }
  return current;
}

/** Parses an update: operators, a replacement, or a pipeline. */
export function parseUpdate(update: RawValue, options: UpdateOptions = {}): Update {
  if (update.type === BsonType.array) {
    if (options.arrayFilters !== undefined) {
      throw new MongoServerError(
        'FailedToParse',
        'arrayFilters may not be specified for pipeline-syle updates',
      );
    }
    const variables = withConstants(options.variables ?? noVariables, options.constants);
    return new PipelineUpdate(parseUpdatePipeline(copyValue(update), variables));
  }
  if (options.constants !== undefined) {
    throw new MongoServerError(51198, 'Constant values may only be specified for pipeline updates');
  }
  if (update.type !== BsonType.object) {
    throw new MongoServerError(
      'FailedToParse',
      'Update argument must be either an object or an array',
    );
  }
  return new DocumentUpdate(update, options);
}
