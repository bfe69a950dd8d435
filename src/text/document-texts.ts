import { BsonType, ElementReader, findField, type RawValue } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { type Language, languageOf } from './language.ts';
import type { TextIndex } from './text-index.ts';

/** One string of a document. A NUL ends it, as it does in MongoDB. */
export interface DocumentText {
  readonly text: string;
  readonly language: Language;
  readonly weight: number;
}

/**
 * The texts of the document at `start` that belong to an index, in their order. Arrays on a path stand
 * for their elements, arrays in arrays only for a wildcard. A document inside may have a language of its
 * own. Throws 17261 and 17262 for a language that is none.
 */
export function textsOf(index: TextIndex, buffer: Buffer, start: number): DocumentText[] {
  const texts: DocumentText[] = [];
  const prefixes = prefixesOf(index);
  const visit = (at: number, path: string, isArray: boolean, outer: Language): void => {
    const language = isArray ? outer : languageIn(index, buffer, at, outer);
    const reader = new ElementReader(buffer, at);
    while (reader.next()) {
      const name = isArray ? '' : reader.name();
      if (index.isWildcard && name === index.languageField) continue;
      const full = isArray ? path : path === '' ? name : `${path}.${name}`;
      const weight = index.weights.get(full);
      const { type } = reader;
      if (type === BsonType.string) {
        if (weight === undefined && !index.isWildcard) continue;
        texts.push({ text: textOf(reader.value()), language, weight: weight ?? 1 });
      } else if (type === BsonType.object) {
        if (index.isWildcard || prefixes.has(full)) visit(reader.start, full, false, language);
      } else if (type === BsonType.array && (index.isWildcard || !isArray)) {
        if (index.isWildcard || weight !== undefined || prefixes.has(full)) {
          visit(reader.start, full, true, language);
        }
      }
    }
  };
  visit(start, '', false, index.defaultLanguage);
  return texts;
}

const knownPrefixes = new WeakMap<TextIndex, ReadonlySet<string>>();

/** The paths of the documents that lead to the texts. */
function prefixesOf(index: TextIndex): ReadonlySet<string> {
  let prefixes = knownPrefixes.get(index);
  if (prefixes === undefined) {
    prefixes = new Set(
      [...index.weights.keys()].flatMap((path) => {
        const parts = path.split('.');
        return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join('.'));
      }),
    );
    knownPrefixes.set(index, prefixes);
  }
  return prefixes;
}

function textOf({ buffer, start, end }: RawValue): string {
  const nul = buffer.indexOf(0, start + 4);
  return buffer.toString('utf8', start + 4, Math.min(nul, end - 1));
}

function languageIn(index: TextIndex, buffer: Buffer, start: number, outer: Language): Language {
  const value = findField(buffer, start, index.languageField);
  if (value === undefined) return outer;
  if (value.type !== BsonType.string) {
    throw new MongoServerError(
      17261,
      'found language override field in document with non-string type',
    );
  }
  const name = textOf(value);
  const language = languageOf(name);
  if (language === undefined) {
    throw new MongoServerError(17262, `language override unsupported: ${name}`);
  }
  return language;
}
