import type { Keyword } from '../keyword.ts';
import { description, encryptMetadata, title } from './annotations.ts';
import { additionalItems, items, maxItems, minItems, uniqueItems } from './arrays.ts';
import { allOf, anyOf, enumKeyword, not, oneOf } from './combinations.ts';
import { exclusiveMaximum, exclusiveMinimum, maximum, minimum, multipleOf } from './numbers.ts';
import {
  additionalProperties,
  dependencies,
  maxProperties,
  minProperties,
  patternProperties,
  properties,
  required,
} from './objects.ts';
import { maxLength, minLength, pattern } from './strings.ts';
import { bsonType, encrypt, type } from './types.ts';

/** Every keyword there is, in the order in which errInfo lists what is broken. */
export const keywords: ReadonlyMap<string, Keyword> = new Map(
  [
    title,
    description,
    encryptMetadata,
    multipleOf,
    maximum,
    exclusiveMaximum,
    minimum,
    exclusiveMinimum,
    maxLength,
    minLength,
    pattern,
    minItems,
    maxItems,
    uniqueItems,
    items,
    additionalItems,
    encrypt,
    properties,
    patternProperties,
    additionalProperties,
    required,
    minProperties,
    maxProperties,
    dependencies,
    allOf,
    anyOf,
    oneOf,
    not,
    enumKeyword,
    bsonType,
    type,
  ].map((keyword) => [keyword.name, keyword]),
);

/** Keywords of JSON Schema draft 4 that MongoDB does not take. */
export const unsupportedKeywords: ReadonlySet<string> = new Set([
  '$ref',
  '$schema',
  'default',
  'definitions',
  'format',
  'id',
]);
