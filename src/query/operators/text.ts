/** `$text` (manual page): documents by the words in them, which a text index knows. */
import { BsonType, ElementReader, type RawValue, typeAlias } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { textOf } from '../../expressions/index.ts';
import type { FilterNode, TextNode } from '../filter-node.ts';

export function parseText(value: RawValue): TextNode {
  if (value.type !== BsonType.object) throw badText('$text expects an object');
  const search = field(value, '$search', BsonType.string);
  if (search === undefined) {
    throw new MongoServerError('NoSuchKey', 'Missing expected field "$search"');
  }
  const language = field(value, '$language', BsonType.string);
  const caseSensitive = field(value, '$caseSensitive', BsonType.bool);
  const diacriticSensitive = field(value, '$diacriticSensitive', BsonType.bool);
  const known = [search, language, caseSensitive, diacriticSensitive];
  if (countFields(value) > known.filter((one) => one !== undefined).length) {
    throw badText('extra fields in $text');
  }
  return {
    kind: 'text',
    search: textOf(search),
    language: language === undefined ? '' : textOf(language),
    isCaseSensitive: isTrue(caseSensitive),
    isDiacriticSensitive: isTrue(diacriticSensitive),
    binding: { matches: undefined },
  };
}

function badText(message: string): MongoServerError {
  return new MongoServerError('BadValue', message);
}

function field(value: RawValue, name: string, type: number): RawValue | undefined {
  const reader = new ElementReader(value.buffer, value.start);
  while (reader.next()) {
    if (reader.name() !== name) continue;
    if (reader.type === type) return reader.value();
    throw new MongoServerError(
      'TypeMismatch',
      `"${name}" had the wrong type. Expected ${typeAlias(type)}, found ${typeAlias(reader.type)}`,
    );
  }
  return undefined;
}

function countFields(value: RawValue): number {
  const reader = new ElementReader(value.buffer, value.start);
  let count = 0;
  while (reader.next()) count++;
  return count;
}

function isTrue(value: RawValue | undefined): boolean {
  return value !== undefined && value.buffer[value.start] === 1;
}

/**
 * The one `$text` of a filter. Throws when there are two, or one that is negated, or one beside a `$near`:
 * both say which index is read.
 */
export function textNodeOf(root: FilterNode): TextNode | undefined {
  const text = firstOf(root, 'text', false);
  if (text === undefined) return undefined;
  if (countOf(root) > 1) throw badText('Too many text expressions');
  if (text.isNegated) throw badText('text expression not allowed in nor');
  if (firstOf(root, 'near', false) !== undefined) {
    throw badText('text and geoNear not allowed in same query');
  }
  return text.node as TextNode;
}

interface FoundNode {
  readonly node: FilterNode;
  readonly isNegated: boolean;
}

function firstOf(
  node: FilterNode,
  kind: FilterNode['kind'],
  isNegated: boolean,
): FoundNode | undefined {
  if (node.kind === kind) return { node, isNegated };
  if ('child' in node) return firstOf(node.child, kind, true);
  if (!('children' in node)) return undefined;
  for (const child of node.children) {
    const found = firstOf(child, kind, isNegated || node.kind === 'nor');
    if (found !== undefined) return found;
  }
  return undefined;
}

function countOf(node: FilterNode): number {
  if (node.kind === 'text') return 1;
  if ('child' in node) return countOf(node.child);
  return 'children' in node ? node.children.reduce((sum, child) => sum + countOf(child), 0) : 0;
}
