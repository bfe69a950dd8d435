/**
 * The `collation` document of a command, an index or a collection: checked with MongoDB's codes and
 * texts, and filled with what its locale has by default.
 */
import {
  BsonType,
  documentText,
  ElementReader,
  isNumericType,
  type RawValue,
  toNumber,
  typeAlias,
} from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import { collationVersion, LocaleCollation } from './collation.ts';
import { defaultsOf, isLocale } from './locale-tables.ts';

/** Null: the simple collation, asked for by name. */
export type GivenCollation = LocaleCollation | null;

const boolTypes = "type 'bool'";
const numberTypes = "types '[long, int, decimal, double']";

const choices = {
  caseFirst: ['upper', 'lower', 'off'],
  alternate: ['non-ignorable', 'shifted'],
  maxVariable: ['punct', 'space'],
} as const;

type Field =
  | 'locale'
  | 'caseLevel'
  | 'caseFirst'
  | 'strength'
  | 'numericOrdering'
  | 'alternate'
  | 'maxVariable'
  | 'normalization'
  | 'backwards'
  | 'version';

const expectedTypes: Readonly<Record<Field, string>> = {
  locale: "type 'string'",
  caseLevel: boolTypes,
  caseFirst: "type 'string'",
  strength: numberTypes,
  numericOrdering: boolTypes,
  alternate: "type 'string'",
  maxVariable: "type 'string'",
  normalization: boolTypes,
  backwards: boolTypes,
  version: "type 'string'",
};

/** Collations are few, and reading one anew for every command would cost more than the command. */
const known = new Map<string, GivenCollation>();
const knownMax = 500;

/** Reads a document; throws BadValue, TypeMismatch, FailedToParse and so on. */
export function parseCollation(value: RawValue): GivenCollation {
  const bytes = value.buffer.toString('latin1', value.start, value.end);
  const found = known.get(bytes);
  if (found !== undefined) return found;
  const collation = readCollation(value);
  if (known.size >= knownMax) known.clear();
  known.set(bytes, collation);
  return collation;
}

function readCollation(value: RawValue): GivenCollation {
  const fields = new CollationFields(value);
  const locale = fields.text('locale');
  if (locale === undefined) {
    throw new MongoServerError(
      40414,
      "BSON field 'collation.locale' is missing but a required field",
    );
  }
  const caseLevel = fields.bool('caseLevel');
  const caseFirst = fields.choice('caseFirst', choices.caseFirst);
  const strength = fields.number('strength');
  const numericOrdering = fields.bool('numericOrdering');
  const alternate = fields.choice('alternate', choices.alternate);
  const maxVariable = fields.choice('maxVariable', choices.maxVariable);
  const normalization = fields.bool('normalization');
  const backwards = fields.backwards();
  const version = fields.text('version');
  const spec = documentText(value.buffer, value.start);
  if (locale.includes('\0')) {
    throw bad(`Field 'locale' cannot contain null byte. Collation spec: ${spec}`);
  }
  if (locale === 'simple') return null;
  checkLocale(locale, spec);
  if (strength !== undefined && !(strength >= 1 && strength <= 5)) {
    throw bad(
      `Enumeration value '${strength}' for field 'collation.strength' is not a valid value.`,
    );
  }
  if (version !== undefined && version !== collationVersion) {
    throw new MongoServerError(
      'IncompatibleCollationVersion',
      `Requested collation version ${version} but the only available collator version was ${collationVersion}. Requested collation spec: ${spec}`,
    );
  }
  const defaults = defaultsOf(locale);
  const options = {
    locale,
    caseLevel: caseLevel ?? false,
    caseFirst: caseFirst ?? defaults.caseFirst,
    strength: strength ?? 3,
    numericOrdering: numericOrdering ?? false,
    alternate: alternate ?? defaults.alternate,
    maxVariable: maxVariable ?? 'punct',
    normalization: normalization ?? defaults.normalization,
    backwards: backwards ?? defaults.backwards,
  } as const;
  if (options.backwards && options.strength === 1) {
    throw bad(`'backwards' is invalid with 'strength' of 1 in: ${spec}`);
  }
  if (options.caseFirst !== 'off' && !options.caseLevel && options.strength <= 2) {
    throw bad(
      `'caseFirst' is invalid unless 'caseLevel' is on or 'strength' is greater than 2 in: ${spec}`,
    );
  }
  return new LocaleCollation(options);
}

function bad(message: string): MongoServerError {
  return new MongoServerError('BadValue', message);
}

function checkLocale(locale: string, spec: string): void {
  if (locale === '') throw bad(`Field 'locale' cannot be the empty string in: ${spec}`);
  if (isLocale(locale)) return;
  const near = nearestLocale(locale);
  const advice = near === undefined ? '' : `. Did you mean '${near}'?`;
  throw bad(`Field 'locale' is invalid in: ${spec}${advice}`);
}

/** What is left of a locale when its form is put right and what is not known is cut off. */
function nearestLocale(given: string): string | undefined {
  const [id = '', keywords] = given.split('@', 2);
  const [language = '', ...rest] = id.replaceAll('-', '_').split('_');
  const parts = [
    language.toLowerCase(),
    ...rest.map((part) =>
      part.length === 4 ? part[0]!.toUpperCase() + part.slice(1).toLowerCase() : part.toUpperCase(),
    ),
  ];
  const variant = /(?:^|;)collation=([^;]*)/.exec(keywords ?? '')?.[1];
  for (; parts.length > 0; parts.pop()) {
    const base = parts.join('_');
    const full = variant === undefined ? base : `${base}@collation=${variant}`;
    if (isLocale(full)) return full;
    if (isLocale(base)) return base;
  }
  return undefined;
}

/** The fields of the document, each of a known name and once. */
class CollationFields {
  readonly #values = new Map<string, RawValue>();

  constructor(document: RawValue) {
    const reader = new ElementReader(document.buffer, document.start);
    while (reader.next()) {
      const name = reader.name();
      if (!(name in expectedTypes)) {
        throw new MongoServerError(40415, `BSON field 'collation.${name}' is an unknown field.`);
      }
      if (this.#values.has(name)) {
        throw new MongoServerError(40413, `BSON field 'collation.${name}' is a duplicate field`);
      }
      this.#values.set(name, reader.value());
    }
  }

  #present(name: Field): RawValue | undefined {
    const value = this.#values.get(name);
    return value?.type === BsonType.null || value?.type === BsonType.undefined ? undefined : value;
  }

  #wrongType(name: Field, { type }: RawValue): MongoServerError {
    return new MongoServerError(
      'TypeMismatch',
      `BSON field 'collation.${name}' is the wrong type '${typeAlias(type)}', expected ${expectedTypes[name]}`,
    );
  }

  text(name: Field): string | undefined {
    const value = this.#present(name);
    if (value === undefined) return undefined;
    if (value.type !== BsonType.string) throw this.#wrongType(name, value);
    return value.buffer.toString('utf8', value.start + 4, value.end - 1);
  }

  choice<Choice extends string>(name: Field, allowed: readonly Choice[]): Choice | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const found = allowed.find((one) => one === text);
    if (found !== undefined) return found;
    throw bad(`Enumeration value '${text}' for field 'collation.${name}' is not a valid value.`);
  }

  bool(name: Field): boolean | undefined {
    const value = this.#present(name);
    if (value === undefined) return undefined;
    if (value.type !== BsonType.bool) throw this.#wrongType(name, value);
    return value.buffer[value.start] !== 0;
  }

  /** Of a type of its own in MongoDB's parser: null is no default here. */
  backwards(): boolean | undefined {
    const value = this.#values.get('backwards');
    if (value === undefined) return undefined;
    if (value.type === BsonType.bool) return value.buffer[value.start] !== 0;
    throw new MongoServerError(
      'TypeMismatch',
      `Field 'backwards' should be a boolean value, but found: ${typeAlias(value.type)}`,
    );
  }

  /** The fraction of a double is cut off; a decimal is rounded, half to even. */
  number(name: Field): number | undefined {
    const value = this.#present(name);
    if (value === undefined) return undefined;
    const number = numberOf(value);
    if (number === undefined) throw this.#wrongType(name, value);
    if (Number.isNaN(number)) return 0;
    return value.type === BsonType.decimal ? roundHalfToEven(number) : Math.trunc(number);
  }
}

function numberOf(value: RawValue): number | undefined {
  return isNumericType(value.type) ? toNumber(value.buffer, value.type, value.start) : undefined;
}

function roundHalfToEven(number: number): number {
  const below = Math.floor(number);
  if (number - below !== 0.5) return Math.round(number);
  return below % 2 === 0 ? below : below + 1;
}
