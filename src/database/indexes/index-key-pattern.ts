/** What may stand in the `key` of an index specification. */
import { BsonType, ElementReader, type RawValue, typeAlias, valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { isWildcardPath, knownKinds, missingKinds } from '../../plan/index.ts';
import { numberOf } from './spec-values.ts';

const maxKeyFields = 32;
const maxKeyBytes = 2048;

/** Parts of a DBRef, which are fields although they start with a dollar sign. */
const referenceParts: ReadonlySet<string> = new Set(['$id', '$db', '$ref']);

function refused(message: string): MongoServerError {
  return new MongoServerError('CannotCreateIndex', message);
}

/** Throws what MongoDB answers for a key pattern it does not accept. */
export function checkKeyPattern(key: RawValue, projection: RawValue | undefined): void {
  if (key.end - key.start > maxKeyBytes) throw refused('Index key pattern too large.');
  const reader = new ElementReader(key.buffer, key.start);
  const seen = new Set<string>();
  let kind: string | undefined;
  const directed: string[] = [];
  while (reader.next()) {
    const path = reader.name();
    const value = reader.value();
    if (seen.has(path)) {
      throw new MongoServerError(
        'BadValue',
        `The field '${path}' appears multiple times in the index key pattern ${valueText(key)}`,
      );
    }
    seen.add(path);
    if (value.type === BsonType.string) {
      const named = value.buffer.toString('utf8', value.start + 4, value.end - 1);
      checkKind(named, path);
      if (kind !== undefined && kind !== named) {
        throw refused("Can't use more than one index plugin for a single index.");
      }
      kind = named;
    } else checkDirection(value);
    const isDirected = value.type !== BsonType.string;
    if (isDirected) directed.push(path);
    checkPath(path, isDirected || (kind === 'text' && path === '$**'));
  }
  checkWildcards(directed, projection);
  if (seen.size === 0) throw refused('Index keys cannot be empty.');
  if (seen.size > maxKeyFields) {
    throw new MongoServerError(
      13103,
      `Number of fields in compound index can't exceed ${maxKeyFields}`,
    );
  }
}

/** One at most; of every field it wants to be told which, beside others. */
function checkWildcards(paths: readonly string[], projection: RawValue | undefined): void {
  if (paths.filter(isWildcardPath).length > 1) {
    throw new MongoServerError(
      7246201,
      'Compound wildcard indexes can have one wildcard field only',
    );
  }
  if (paths.length > 1 && paths.includes('$**') && projection === undefined) {
    throw refused(
      "Compound wildcard indexes on all fields must also specify 'wildcardProjection' option",
    );
  }
}

function checkKind(named: string, path: string): void {
  if (named === 'wildcard') {
    if (!isWildcardPath(path)) {
      throw new MongoServerError(7246202, 'A wildcard index must have a wildcard field');
    }
    throw refused(
      "The key pattern value for an 'wildcard' index must be a non-zero number, not a string.",
    );
  }
  if (missingKinds.has(named)) {
    throw new MongoServerError('NotImplemented', `'${named}' indexes are not implemented yet`);
  }
  if (!knownKinds.has(named)) throw refused(`Unknown index plugin '${named}'`);
}

function checkDirection(value: RawValue): void {
  const direction = numberOf(value);
  if (direction === undefined) {
    throw refused(
      `Values in v:2 index key pattern cannot be of type ${typeAlias(value.type)}. Only numbers > 0, numbers < 0, and strings are allowed.`,
    );
  }
  if (Number.isNaN(direction)) throw refused('Values in the index key pattern cannot be NaN.');
  if (direction === 0) throw refused('Values in the index key pattern cannot be 0.');
}

function checkPath(path: string, mayBeWildcard: boolean): void {
  if (path === '') throw refused('Index keys cannot be an empty field.');
  const parts = path.split('.');
  if (parts.includes('')) throw refused('Index keys cannot contain an empty field.');
  for (const [at, part] of parts.entries()) {
    if (!part.startsWith('$') || (at > 0 && referenceParts.has(part))) continue;
    if (mayBeWildcard && part === '$**' && at === parts.length - 1) continue;
    throw refused("Index key contains an illegal field name: field name starts with '$'.");
  }
}
