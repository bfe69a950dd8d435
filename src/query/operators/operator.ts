import type { Collation, RawValue } from '../../bson/index.ts';
import type { FilterNode } from '../filter-node.ts';

/** What an operator may ask of the parser that called it. */
export interface FilterParser {
  /** What strings are compared by. */
  readonly collation: Collation | undefined;
  /** Whether an operator of this name may stand on a path. */
  isFieldOperator(name: string): boolean;
  /** A filter on elements that are documents, as under an `$elemMatch`. */
  parseElement(buffer: Buffer, start: number): FilterNode;
  /** A document of operators on one path: `{$gt: 1, $lt: 5}`. */
  parseOperators(path: string, buffer: Buffer, start: number): FilterNode[];
}

/** An operator inside `{path: {...}}`. */
export interface FieldOperator {
  readonly name: `$${string}`;
  parse(path: string, value: RawValue, parser: FilterParser): FilterNode;
}
