/** What the specification of a text index says of the texts in it. */
import {
  decodeDocument,
  decodeValue,
  ElementReader,
  findField,
  type RawValue,
} from '../bson/index.ts';
import { type Language, languageOf } from './language.ts';

export interface TextIndex {
  /** By path; without that of the wildcard. */
  readonly weights: ReadonlyMap<string, number>;
  /** All texts of a document are in it. */
  readonly isWildcard: boolean;
  readonly defaultLanguage: Language;
  /** The field of a document, and of each document inside of it, that says its language. */
  readonly languageField: string;
  readonly version: number;
  /** The fields of the keys in front of the term. */
  readonly before: readonly string[];
  /** ... and behind it and its score. */
  readonly after: readonly string[];
}

const known = new WeakMap<Buffer, TextIndex>();

/** Of a specification in the form it is stored in. */
export function textIndexOf(spec: Buffer): TextIndex {
  let index = known.get(spec);
  if (index === undefined) {
    index = readTextIndex(spec);
    known.set(spec, index);
  }
  return index;
}

function readTextIndex(spec: Buffer): TextIndex {
  const options = decodeDocument(spec) as {
    readonly default_language: string;
    readonly language_override: string;
    readonly textIndexVersion: number;
  };
  const fields = fieldsOf(spec, 'key').map(([name]) => name);
  const term = fields.indexOf('_fts');
  const weights = new Map(
    fieldsOf(spec, 'weights').map(([name, value]) => [name, decodeValue(value) as number]),
  );
  const isWildcard = weights.delete('$**');
  const defaultLanguage = languageOf(options.default_language);
  if (defaultLanguage === undefined) throw new Error('a text index has an unknown language');
  return {
    weights,
    isWildcard,
    defaultLanguage,
    languageField: options.language_override,
    version: options.textIndexVersion,
    before: fields.slice(0, term),
    after: fields.slice(term + 2),
  };
}

function fieldsOf(spec: Buffer, name: string): [string, RawValue][] {
  const document = findField(spec, 0, name);
  if (document === undefined) throw new Error(`a text index has no ${name}`);
  const fields: [string, RawValue][] = [];
  const reader = new ElementReader(document.buffer, document.start);
  while (reader.next()) fields.push([reader.name(), reader.value()]);
  return fields;
}

/** Where a change of a document may change its terms; undefined: anywhere. */
export function textPaths(index: TextIndex): readonly string[] | undefined {
  if (index.isWildcard) return undefined;
  const paths = new Set<string>([...index.before, ...index.after, index.languageField]);
  for (const path of index.weights.keys()) {
    const parts = path.split('.');
    paths.add(path);
    for (let length = 1; length < parts.length; length++) {
      paths.add([...parts.slice(0, length), index.languageField].join('.'));
    }
  }
  return [...paths];
}
