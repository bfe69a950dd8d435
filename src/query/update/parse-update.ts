import {
  BsonType,
  type Collation,
  decodeValue,
  ElementReader,
  maxDocumentDepth,
  type RawValue,
  typeAlias,
  valueText,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { updateOperators } from './index.ts';
import { changeTo, type Modifier, unchanged } from './modifier.ts';
import { nestsTooDeep } from './nesting.ts';
import { unsetModifier } from './unset.ts';
import { addModifier, branch, sortChildren, type UpdateBranch } from './update-tree.ts';

export interface UpdateTree {
  readonly root: UpdateBranch;
  /** Source paths of `$rename`. */
  readonly renames: readonly Rename[];
  /** Identifiers of `$[identifier]`, each with a path that has it. */
  readonly identifiers: ReadonlyMap<string, string>;
  /** Components of the longest path. */
  readonly pathPartsMax: number;
  /** The first path whose field begins with a dollar: only an insert may make it. */
  readonly dollarPath: string | undefined;
}

export interface Rename {
  readonly from: string;
  readonly to: string;
}

/** Reads `{$set: {...}, $inc: {...}}`; the bytes must outlive the tree. */
export function parseOperators(update: RawValue, collation: Collation | undefined): UpdateTree {
  const root = branch();
  const renames: Rename[] = [];
  const identifiers = new Map<string, string>();
  let dollarPath: string | undefined;
  let pathPartsMax = 0;
  const reader = new ElementReader(update.buffer, update.start);
  while (reader.next()) {
    const name = reader.name();
    const operator = updateOperators.get(name);
    if (operator === undefined && name !== '$rename') {
      throw new MongoServerError(
        'FailedToParse',
        `Unknown modifier: ${name}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
    }
    const fields = reader.value();
    if (fields.type !== BsonType.object) {
      throw new MongoServerError(
        'FailedToParse',
        `Modifiers operate on fields but we found type ${typeAlias(fields.type)} instead. For example: {$mod: {<field>: ...}} not {${name}: ${valueText(fields)}}`,
      );
    }
    const inner = new ElementReader(fields.buffer, fields.start);
    while (inner.next()) {
      const path = inner.name();
      const argument = inner.value();
      if (operator === undefined) {
        const rename = parseRename(path, argument);
        renames.push(rename);
        addModifier(root, rename.from, renameSource(rename));
        addModifier(root, rename.to, renameTarget(rename));
        continue;
      }
      pathPartsMax = Math.max(pathPartsMax, checkUpdatePath(path, identifiers));
      if (isDollarPath(path)) dollarPath ??= path;
      addModifier(root, path, operator.parse(path, argument, collation));
    }
  }
  sortChildren(root);
  return { root, renames, identifiers, pathPartsMax, dollarPath };
}

/** Returns how many components the path has. */
function checkUpdatePath(path: string, identifiers: Map<string, string>): number {
  if (path === '') {
    throw new MongoServerError('EmptyFieldName', 'An empty update path is not valid.');
  }
  const parts = path.split('.');
  if (parts.length > maxDocumentDepth) throw nestsTooDeep();
  for (const [at, part] of parts.entries()) {
    if (part === '') {
      throw new MongoServerError(
        'EmptyFieldName',
        `The update path '${path}' contains an empty field name, which is not allowed.`,
      );
    }
    if (!part.startsWith('$')) continue;
    const isFiltered = /^\$\[[a-zA-Z0-9]*\]$/.test(part);
    if (part === '$' || isFiltered) {
      if (at === 0) {
        throw new MongoServerError(
          'BadValue',
          part === '$'
            ? `Cannot have positional (i.e. '$') element in the first position in path '${path}'`
            : `Cannot have array filter identifier (i.e. '$[<id>]') element in the first position in path '${path}'`,
        );
      }
      if (part === '$' && parts.indexOf('$') < at) {
        throw new MongoServerError(
          'BadValue',
          `Too many positional (i.e. '$') elements found in path '${path}'`,
        );
      }
      if (isFiltered && part !== '$[]') identifiers.set(part.slice(2, -1), path);
    }
  }
  return parts.length;
}

/** Whether a document's own field of this path begins with a dollar and is no position. */
function isDollarPath(path: string): boolean {
  return path.startsWith('$') && !/^\$($|\.|\[)/.test(path);
}

export function dollarPrefixed(path: string): MongoServerError {
  const [field] = path.split('.');
  return new MongoServerError(
    'DollarPrefixedFieldName',
    `The dollar ($) prefixed field '${field}' in '${path}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
  );
}

/** An update through `path` would give the document another `_id`. */
export function immutableId(path: string): MongoServerError {
  return new MongoServerError(
    'ImmutableField',
    `Performing an update on the path '${path}' would modify the immutable field '_id'`,
  );
}

function parseRename(from: string, argument: RawValue): Rename {
  if (argument.type !== BsonType.string) {
    throw new MongoServerError(
      'BadValue',
      `The 'to' field for $rename must be a string: ${from}: ${valueText(argument)}`,
    );
  }
  const to = decodeValue(argument) as string;
  if (to.includes('\0')) {
    throw new MongoServerError(
      'BadValue',
      "The 'to' field for $rename cannot contain an embedded null byte",
    );
  }
  const identifiers = new Map<string, string>();
  checkUpdatePath(from, identifiers);
  checkUpdatePath(to, identifiers);
  if (isDollarPath(to)) throw dollarPrefixed(to);
  if (from === to) {
    throw new MongoServerError(
      'BadValue',
      `The source and target field for $rename must differ: ${from}: "${to}"`,
    );
  }
  if (to.startsWith(`${from}.`) || from.startsWith(`${to}.`)) {
    throw new MongoServerError(
      'BadValue',
      `The source and target field for $rename must not be on the same path: ${from}: "${to}"`,
    );
  }
  for (const [path, role] of [
    [from, 'source'],
    [to, 'destination'],
  ] as const) {
    if (/(^|\.)\$($|\.|\[[^.]*\](\.|$))/.test(path)) {
      throw new MongoServerError(
        'BadValue',
        `The ${role} field for $rename may not be dynamic: ${path}`,
      );
    }
  }
  return { from, to };
}

function renameSource({ from }: Rename): Modifier {
  return {
    creates: false,
    mustReach: true,
    apply: (current, context, path) =>
      context.renamed.get(from) === undefined
        ? unchanged
        : unsetModifier.apply(current, context, path),
  };
}

function renameTarget({ from, to }: Rename): Modifier {
  return {
    creates: true,
    apply(current, context) {
      const value = context.renamed.get(from);
      if (value === undefined) return unchanged;
      // A field is put in its place whatever was there, so the same value is no excuse.
      if (!context.isInsert && /^_id(\.|$)/.test(to)) throw immutableId(to);
      return changeTo(current, value);
    },
  };
}
