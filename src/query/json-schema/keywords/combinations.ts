import type { RawValue } from '../../../bson/index.ts';
import { areEqual } from '../equality.ts';
import {
  elementsOfArray,
  type Keyword,
  objectOf,
  refused,
  schemasOf,
  specifiedAs,
} from '../keyword.ts';
import { brokenRules, type Facts, type Schema, satisfies } from '../schema.ts';

function notSatisfied(schemas: readonly Schema[], value: RawValue): Facts[] {
  return schemas.flatMap((schema, index) =>
    satisfies(schema, value) ? [] : [{ index, details: brokenRules(schema, value) }],
  );
}

export const allOf: Keyword = {
  name: 'allOf',
  parse(spec, context) {
    const schemas = schemasOf('allOf', spec, context);
    return {
      name: 'allOf',
      isKept: (value) => schemas.every((schema) => satisfies(schema, value)),
      explain: (value) => ({ schemasNotSatisfied: notSatisfied(schemas, value) }),
    };
  },
};

export const anyOf: Keyword = {
  name: 'anyOf',
  parse(spec, context) {
    const schemas = schemasOf('anyOf', spec, context);
    return {
      name: 'anyOf',
      isKept: (value) => schemas.some((schema) => satisfies(schema, value)),
      explain: (value) => ({ schemasNotSatisfied: notSatisfied(schemas, value) }),
    };
  },
};

export const oneOf: Keyword = {
  name: 'oneOf',
  parse(spec, context) {
    const schemas = schemasOf('oneOf', spec, context);
    const matching = (value: RawValue): number[] =>
      schemas.flatMap((schema, at) => (satisfies(schema, value) ? [at] : []));
    return {
      name: 'oneOf',
      isKept: (value) => matching(value).length === 1,
      explain(value) {
        const matchingSchemaIndexes = matching(value);
        if (matchingSchemaIndexes.length === 0) {
          return { schemasNotSatisfied: notSatisfied(schemas, value) };
        }
        return { reason: 'more than one subschema matched', matchingSchemaIndexes };
      },
    };
  },
};

export const not: Keyword = {
  name: 'not',
  parse(spec, context) {
    const schema = context.parse(objectOf('not', spec));
    return {
      name: 'not',
      isKept: (value) => !satisfies(schema, value),
      explain: () => ({ reason: 'child expression matched' }),
    };
  },
};

/** `enum`: one of these values. */
export const enumKeyword: Keyword = {
  name: 'enum',
  parse(spec) {
    const values = elementsOfArray('enum', spec, 'FailedToParse');
    values.forEach((value, at) => {
      if (values.slice(0, at).some((other) => areEqual(value, other))) {
        throw refused('FailedToParse', 'enum', 'array cannot contain duplicate values');
      }
    });
    return {
      name: 'enum',
      isKept: (value) => values.some((one) => areEqual(one, value)),
      explain: (value) => ({
        ...specifiedAs('enum', spec),
        reason: 'value was not found in enum',
        consideredValue: value,
      }),
    };
  },
};
