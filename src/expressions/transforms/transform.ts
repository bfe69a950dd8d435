import type { DocumentWriter } from '../../bson/index.ts';
import type { ParseContext, Scope } from '../expression.ts';
import type { Value } from '../value.ts';

/** Writes the fields of the changed document into the document that is open in `writer`. */
export type WriteChanged = (
  writer: DocumentWriter,
  buffer: Buffer,
  start: number,
  scope: Scope,
) => void;

/** A stage that makes one document of each: a pipeline has it, and an update by a pipeline. */
export interface Transform {
  /** With its dollar. */
  readonly name: string;
  parse(argument: Value, context: ParseContext): WriteChanged;
}
