import type { RawValue } from '../../bson/index.ts';

/** A document under construction for errInfo; values may be raw. */
export type Facts = Record<string, unknown>;

/** One rule of a schema. A rule about values of one type is kept by every value of another. */
export interface SchemaRule {
  /** The keyword; stands as `operatorName` in errInfo. */
  readonly name: string;
  isKept(value: RawValue): boolean;
  /** What errInfo says of a value that breaks the rule, without the name. */
  explain(value: RawValue): Facts;
}

/** A parsed schema: all rules must be kept. */
export interface Schema {
  readonly rules: readonly SchemaRule[];
  readonly title: string | undefined;
  readonly description: string | undefined;
}

export function satisfies(schema: Schema, value: RawValue): boolean {
  const { rules } = schema;
  for (let at = 0; at < rules.length; at++) if (!rules[at]!.isKept(value)) return false;
  return true;
}

/** What errInfo says of the rules a value breaks. */
export function brokenRules(schema: Schema, value: RawValue): Facts[] {
  return schema.rules
    .filter((rule) => !rule.isKept(value))
    .map((rule) => ({ operatorName: rule.name, ...rule.explain(value) }));
}

/** Title and description, where a schema has them. */
export function annotations({ title, description }: Schema): Facts {
  return {
    ...(title === undefined ? {} : { title }),
    ...(description === undefined ? {} : { description }),
  };
}
