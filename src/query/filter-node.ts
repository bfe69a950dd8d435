import type { Collation, RawValue } from '../bson/index.ts';
import type { BoundedRegex, Expression, ScriptFunction } from '../expressions/index.ts';
import type { GeoRegion, Nearness } from '../geo/index.ts';
import type { Schema } from './json-schema/schema.ts';

/**
 * A parsed filter as a tree: what the planner reads and the matcher is compiled from. Negations are
 * written out: `$ne` is not(comparison), `$nin` not(in), `{$exists: false}` not(exists). Values own
 * their bytes (the filter is copied when it is parsed).
 */
export type FilterNode =
  | LogicalNode
  | NotNode
  | ComparisonNode
  | InNode
  | RegexNode
  | ExistsNode
  | TypeNode
  | ModNode
  | SizeNode
  | BitsNode
  | ElemMatchObjectNode
  | ElemMatchValueNode
  | GeoNode
  | NearNode
  | TextNode
  | ExprNode
  | JsonSchemaNode
  | WhereNode
  | ConstantNode;

/** `nor` is the negation of `or`. An `and` without children matches everything. */
export interface LogicalNode {
  readonly kind: 'and' | 'or' | 'nor';
  readonly children: readonly FilterNode[];
}

/** Matches when the child does not: also for missing fields and over whole arrays. */
export interface NotNode {
  readonly kind: 'not';
  readonly child: FilterNode;
}

export type ComparisonOperator = '$eq' | '$gt' | '$gte' | '$lt' | '$lte';

export interface ComparisonNode {
  readonly kind: 'comparison';
  readonly path: string;
  readonly operator: ComparisonOperator;
  readonly value: RawValue;
  /** Only where it takes part: with a value that is or may hold text. */
  readonly collation?: Collation;
}

export interface InNode {
  readonly kind: 'in';
  readonly path: string;
  /** Without regular expressions; sorted and without doubles. */
  readonly values: readonly RawValue[];
  readonly regexes: readonly RegexNode[];
  readonly collation?: Collation;
}

export interface RegexNode {
  readonly kind: 'regex';
  readonly path: string;
  readonly pattern: string;
  readonly options: string;
  readonly regex: BoundedRegex;
  /**
   * Every matching string starts with this (`/^abc/`), so an index may be scanned from it;
   * `prefixIsExact` when, the other way round, every string that starts with it matches.
   */
  readonly prefix: string | undefined;
  readonly prefixIsExact: boolean;
}

export interface ExistsNode {
  readonly kind: 'exists';
  readonly path: string;
}

export interface TypeNode {
  readonly kind: 'type';
  readonly path: string;
  /** Type bytes; `number` is written out as its four types. */
  readonly types: readonly number[];
}

export interface ModNode {
  readonly kind: 'mod';
  readonly path: string;
  readonly divisor: bigint;
  readonly remainder: bigint;
}

export interface SizeNode {
  readonly kind: 'size';
  readonly path: string;
  readonly size: number;
}

export interface BitsNode {
  readonly kind: 'bits';
  readonly path: string;
  readonly operator: '$bitsAllSet' | '$bitsAllClear' | '$bitsAnySet' | '$bitsAnyClear';
  /** Positions of bits, 0 the lowest. */
  readonly positions: readonly number[];
}

/** `{path: {$elemMatch: {b: 1}}}`: an element that is a document (or array) matches the child. */
export interface ElemMatchObjectNode {
  readonly kind: 'elemMatchObject';
  readonly path: string;
  readonly child: FilterNode;
}

/** `{path: {$elemMatch: {$gt: 1}}}`: one element matches all children, whose path is ''. */
export interface ElemMatchValueNode {
  readonly kind: 'elemMatchValue';
  readonly path: string;
  readonly children: readonly FilterNode[];
}

export interface GeoNode {
  readonly kind: 'geo';
  readonly path: string;
  readonly operator: '$geoWithin' | '$geoIntersects';
  readonly region: GeoRegion;
  /** As the client wrote it. */
  readonly spec: RawValue;
}

/** At most one in a filter. Every document matches it: the plan keeps the distances and the order. */
export interface NearNode {
  readonly kind: 'near';
  readonly path: string;
  readonly operator: '$near' | '$nearSphere';
  readonly nearness: Nearness;
  /** The document of operators. */
  readonly spec: RawValue;
}

/** At most one in a filter. What it means the text index says, so the plan, which knows it, binds the node. */
export interface TextNode {
  readonly kind: 'text';
  readonly search: string;
  /** As the client wrote it; '': that of the index. */
  readonly language: string;
  readonly isCaseSensitive: boolean;
  readonly isDiacriticSensitive: boolean;
  /** What documents match; undefined until there is a plan. */
  readonly binding: { matches: ((buffer: Buffer, start: number) => boolean) | undefined };
}

/** `{$expr: ...}`: an aggregation expression that is true for the document. */
export interface ExprNode {
  readonly kind: 'expr';
  readonly expression: Expression;
  /** As the client wrote it. */
  readonly spec: RawValue;
  /**
   * Comparisons of a field with a constant that must hold when the expression is true. Unlike those of
   * a filter they compare whole arrays and across types, and to them a missing field is less than null.
   */
  readonly implied: readonly ImpliedComparison[];
  /** Of its comparisons. */
  readonly collation: Collation | undefined;
}

/** `{$jsonSchema: ...}`: documents that satisfy a schema. */
export interface JsonSchemaNode {
  readonly kind: 'jsonSchema';
  readonly schema: Schema;
  /** As the client wrote it. */
  readonly spec: RawValue;
}

/** `{$where: ...}`: documents that a client's function calls true. */
export interface WhereNode {
  readonly kind: 'where';
  /** What the client wrote, as a value of the type javascript. */
  readonly code: RawValue;
  readonly run: ScriptFunction;
}

export interface ImpliedComparison {
  readonly path: string;
  readonly operator: ComparisonOperator;
  readonly value: RawValue;
  /** Only where it takes part: with a value that is or may hold text. */
  readonly collation?: Collation;
}

export interface ConstantNode {
  readonly kind: 'alwaysTrue' | 'alwaysFalse';
}

/** Nodes that test the values at one path. */
export type LeafNode = Exclude<
  FilterNode,
  LogicalNode | NotNode | TextNode | ExprNode | JsonSchemaNode | WhereNode | ConstantNode
>;

/** Type 0 stands for "there is no value". */
export type ValueTest = (buffer: Buffer, type: number, start: number) => boolean;

export const missingType = 0;

/** Whether an `$expr` stands in the tree. */
export function holdsExpr(node: FilterNode): boolean {
  if (node.kind === 'expr') return true;
  return node.kind === 'and' || node.kind === 'or' || node.kind === 'nor'
    ? node.children.some(holdsExpr)
    : false;
}
