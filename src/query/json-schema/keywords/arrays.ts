import { BsonType, type RawValue } from '../../../bson/index.ts';
import { areEqual } from '../equality.ts';
import {
  boolOf,
  countOf,
  fieldsOf,
  type Keyword,
  refused,
  type SchemaContext,
  specifiedAs,
} from '../keyword.ts';
import { brokenRules, type Facts, type Schema, type SchemaRule, satisfies } from '../schema.ts';

function elementsOf(value: RawValue): RawValue[] {
  return fieldsOf(value).map((field) => field.value);
}

function itemLimit(name: 'minItems' | 'maxItems'): Keyword {
  return {
    name,
    parse(spec) {
      const limit = countOf(name, spec);
      return {
        name,
        isKept(value) {
          if (value.type !== BsonType.array) return true;
          const { length } = elementsOf(value);
          return name === 'minItems' ? length >= limit : length <= limit;
        },
        explain: (value) => ({
          ...specifiedAs(name, spec),
          reason: 'array did not match specified length',
          consideredValue: value,
        }),
      };
    },
  };
}

export const minItems = itemLimit('minItems');
export const maxItems = itemLimit('maxItems');

/** An element that stands twice. */
function duplicateIn(value: RawValue): RawValue | undefined {
  const seen: RawValue[] = [];
  for (const element of elementsOf(value)) {
    if (seen.some((other) => areEqual(element, other))) return element;
    seen.push(element);
  }
  return undefined;
}

/** `uniqueItems`: no element stands twice. */
export const uniqueItems: Keyword = {
  name: 'uniqueItems',
  parse(spec) {
    if (!boolOf('uniqueItems', spec)) return undefined;
    return {
      name: 'uniqueItems',
      isKept: (value) => value.type !== BsonType.array || duplicateIn(value) === undefined,
      explain: (value) => ({
        ...specifiedAs('uniqueItems', spec),
        reason: 'found a duplicate item',
        consideredValue: value,
        duplicatedValue: duplicateIn(value),
      }),
    };
  },
};

/** One schema for all elements from the position `from` on. */
function forAll(name: string, schema: Schema, from: number, subject: string): SchemaRule {
  const brokenAt = (value: RawValue): number =>
    elementsOf(value).findIndex((element, at) => at >= from && !satisfies(schema, element));
  return {
    name,
    isKept: (value) => value.type !== BsonType.array || brokenAt(value) < 0,
    explain(value) {
      const itemIndex = brokenAt(value);
      return {
        reason: `At least one ${subject} did not match the sub-schema`,
        itemIndex,
        details: brokenRules(schema, elementsOf(value)[itemIndex]!),
      };
    },
  };
}

/** A schema for each of the first elements. */
function forEach(schemas: readonly Schema[]): SchemaRule {
  const broken = (value: RawValue): Facts[] =>
    elementsOf(value).flatMap((element, itemIndex) => {
      const schema = schemas[itemIndex];
      if (schema === undefined || satisfies(schema, element)) return [];
      return [{ itemIndex, details: brokenRules(schema, element) }];
    });
  return {
    name: 'items',
    isKept: (value) => value.type !== BsonType.array || broken(value).length === 0,
    explain: (value) => ({ details: broken(value) }),
  };
}

function positionalSchemas(spec: RawValue, context: SchemaContext): Schema[] {
  return elementsOf(spec).map((element) => {
    if (element.type === BsonType.object) return context.parse(element);
    throw refused('TypeMismatch', 'items', 'requires that each element of the array is an object');
  });
}

/** `items`: a schema of all elements, or one of each of the first. */
export const items: Keyword = {
  name: 'items',
  parse(spec, context) {
    if (spec.type === BsonType.object) {
      return forAll('items', context.parse(spec), 0, 'item');
    }
    if (spec.type === BsonType.array) return forEach(positionalSchemas(spec, context));
    throw refused('TypeMismatch', 'items', 'must be an array or an object');
  },
};

/** `additionalItems`: what comes behind the elements `items` lists. */
export const additionalItems: Keyword = {
  name: 'additionalItems',
  parse(spec, context) {
    const isBool = spec.type === BsonType.bool;
    if (!isBool && spec.type !== BsonType.object) {
      throw refused('TypeMismatch', 'additionalItems', 'must be either an object or a boolean');
    }
    const schema = isBool ? undefined : context.parse(spec);
    const list = context.keywords.get('items');
    if (list?.type !== BsonType.array) return undefined;
    const from = elementsOf(list).length;
    if (schema !== undefined) return forAll('additionalItems', schema, from, 'additional item');
    if (boolOf('additionalItems', spec)) return undefined;
    return {
      name: 'additionalItems',
      isKept: (value) => value.type !== BsonType.array || elementsOf(value).length <= from,
      explain: (value) => ({
        ...specifiedAs('additionalItems', spec),
        reason: 'found additional items',
        additionalItems: elementsOf(value).slice(from),
      }),
    };
  },
};
