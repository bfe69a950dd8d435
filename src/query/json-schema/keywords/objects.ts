import { BsonType, findField, type RawValue } from '../../../bson/index.ts';
import { MongoServerError } from '../../../errors/index.ts';
import { BoundedRegex, translateRegex } from '../../../expressions/index.ts';
import {
  boolOf,
  countOf,
  type Field,
  fieldsOf,
  type Keyword,
  namesOf,
  objectOf,
  refused,
  type SchemaContext,
  specifiedAs,
} from '../keyword.ts';
import {
  annotations,
  brokenRules,
  type Facts,
  type Schema,
  type SchemaRule,
  satisfies,
} from '../schema.ts';

function isObject(value: RawValue): boolean {
  return value.type === BsonType.object;
}

function fieldOf(value: RawValue, name: string): RawValue | undefined {
  return findField(value.buffer, value.start, name);
}

/** `required`: the names a document has. */
export const required: Keyword = {
  name: 'required',
  parse(spec) {
    const names = namesOf('required', spec);
    return {
      name: 'required',
      isKept: (value) =>
        !isObject(value) || names.every((name) => fieldOf(value, name) !== undefined),
      explain: (value) => ({
        ...specifiedAs('required', spec),
        missingProperties: names.filter((name) => fieldOf(value, name) === undefined).sort(),
      }),
    };
  },
};

/** `properties`: schemas of fields, where they are there. */
export const properties: Keyword = {
  name: 'properties',
  parse(spec, context) {
    const schemas = fieldsOf(objectOf('properties', spec)).map(({ name, value }) => {
      if (isObject(value)) return { name, schema: context.parse(value) };
      throw new MongoServerError(
        'TypeMismatch',
        `Nested schema for $jsonSchema property '${name}' must be an object`,
      );
    });
    return {
      name: 'properties',
      isKept(value) {
        if (!isObject(value)) return true;
        for (const { name, schema } of schemas) {
          const field = fieldOf(value, name);
          if (field !== undefined && !satisfies(schema, field)) return false;
        }
        return true;
      },
      explain: (value) => ({
        propertiesNotSatisfied: schemas.flatMap(({ name, schema }) => {
          const field = fieldOf(value, name);
          if (field === undefined || satisfies(schema, field)) return [];
          return [
            { propertyName: name, ...annotations(schema), details: brokenRules(schema, field) },
          ];
        }),
      }),
    };
  },
};

interface NamePattern {
  readonly source: string;
  readonly regex: BoundedRegex;
  readonly schema: Schema;
}

function namePatterns(spec: RawValue, context: SchemaContext): NamePattern[] {
  return fieldsOf(objectOf('patternProperties', spec)).map(({ name, value }) => {
    if (!isObject(value)) {
      throw refused(
        'TypeMismatch',
        'patternProperties',
        `has property '${name}' which is not an object`,
      );
    }
    return { source: name, regex: patternOf(name), schema: context.parse(value) };
  });
}

function patternOf(source: string): BoundedRegex {
  try {
    return new BoundedRegex(translateRegex(source, ''));
  } catch (error) {
    if (!(error instanceof MongoServerError)) throw error;
    throw new MongoServerError(
      'BadValue',
      `$jsonSchema keyword 'patternProperties' has an invalid regular expression: ${error.message}`,
    );
  }
}

/** `patternProperties`: schemas of fields whose names a regular expression matches. */
export const patternProperties: Keyword = {
  name: 'patternProperties',
  parse(spec, context) {
    const patterns = namePatterns(spec, context);
    const broken = (value: RawValue): Facts[] =>
      fieldsOf(value).flatMap(({ name, value: field }) =>
        patterns
          .filter(
            ({ regex, schema }) =>
              regex.test(name, 'patternProperties') && !satisfies(schema, field),
          )
          .map(({ source, schema }) => ({
            propertyName: name,
            regexMatched: source,
            details: brokenRules(schema, field),
          })),
      );
    return {
      name: 'patternProperties',
      isKept: (value) => !isObject(value) || broken(value).length === 0,
      explain: (value) => ({ details: broken(value) }),
    };
  },
};

/** `additionalProperties`: fields that neither `properties` nor `patternProperties` names. */
export const additionalProperties: Keyword = {
  name: 'additionalProperties',
  parse(spec, context) {
    if (spec.type !== BsonType.bool && !isObject(spec)) {
      throw refused('TypeMismatch', 'additionalProperties', 'must be an object or a boolean');
    }
    const schema = isObject(spec) ? context.parse(spec) : undefined;
    if (schema === undefined && boolOf('additionalProperties', spec)) return undefined;
    const { keywords } = context;
    const named = keywords.get('properties');
    const names = new Set(named === undefined ? [] : fieldsOf(named).map(({ name }) => name));
    const matched = keywords.get('patternProperties');
    const patterns =
      matched === undefined ? [] : fieldsOf(matched).map((one) => patternOf(one.name));
    const additional = (value: RawValue): Field[] =>
      fieldsOf(value).filter(
        ({ name }) =>
          !names.has(name) && !patterns.some((pattern) => pattern.test(name, 'patternProperties')),
      );
    return schema === undefined ? noAdditional(spec, additional) : eachIs(schema, additional);
  },
};

function noAdditional(spec: RawValue, additional: (value: RawValue) => Field[]): SchemaRule {
  return {
    name: 'additionalProperties',
    isKept: (value) => !isObject(value) || additional(value).length === 0,
    explain: (value) => ({
      ...specifiedAs('additionalProperties', spec),
      additionalProperties: additional(value).map(({ name }) => name),
    }),
  };
}

function eachIs(schema: Schema, additional: (value: RawValue) => Field[]): SchemaRule {
  const broken = (value: RawValue): Field | undefined =>
    additional(value).find((field) => !satisfies(schema, field.value));
  return {
    name: 'additionalProperties',
    isKept: (value) => !isObject(value) || broken(value) === undefined,
    explain(value) {
      const field = broken(value)!;
      return {
        reason: 'at least one additional property did not match the subschema',
        failingProperty: field.name,
        details: brokenRules(schema, field.value),
      };
    },
  };
}

function fieldLimit(name: 'minProperties' | 'maxProperties'): Keyword {
  return {
    name,
    parse(spec) {
      const limit = countOf(name, spec);
      return {
        name,
        isKept(value) {
          if (!isObject(value)) return true;
          const { length } = fieldsOf(value);
          return name === 'minProperties' ? length >= limit : length <= limit;
        },
        explain: (value) => ({
          ...specifiedAs(name, spec),
          reason: 'specified number of properties was not satisfied',
          numberOfProperties: fieldsOf(value).length,
        }),
      };
    },
  };
}

export const minProperties = fieldLimit('minProperties');
export const maxProperties = fieldLimit('maxProperties');

interface Dependency {
  readonly name: string;
  isKept(value: RawValue): boolean;
  explain(value: RawValue): Facts;
}

/** `dependencies`: what holds where a field is there: other fields are, or a schema is kept. */
export const dependencies: Keyword = {
  name: 'dependencies',
  parse(spec, context) {
    const rules = fieldsOf(objectOf('dependencies', spec)).map((field) =>
      dependencyOf(field, context),
    );
    const broken = (value: RawValue): Dependency[] =>
      rules.filter((rule) => fieldOf(value, rule.name) !== undefined && !rule.isKept(value));
    return {
      name: 'dependencies',
      isKept: (value) => !isObject(value) || broken(value).length === 0,
      explain: (value) => ({
        failingDependencies: broken(value).map((rule) => ({
          conditionalProperty: rule.name,
          ...rule.explain(value),
        })),
      }),
    };
  },
};

function dependencyOf({ name, value: spec }: Field, context: SchemaContext): Dependency {
  if (isObject(spec)) {
    const schema = context.parse(spec);
    return {
      name,
      isKept: (value) => satisfies(schema, value),
      explain: (value) => ({ details: brokenRules(schema, value) }),
    };
  }
  if (spec.type !== BsonType.array) {
    throw refused('TypeMismatch', 'dependencies', 'must have values that are objects or arrays');
  }
  const names = namesOf('dependencies', spec);
  const missing = (value: RawValue): string[] =>
    names.filter((one) => fieldOf(value, one) === undefined);
  return {
    name,
    isKept: (value) => missing(value).length === 0,
    explain: (value) => ({ missingProperties: missing(value) }),
  };
}
