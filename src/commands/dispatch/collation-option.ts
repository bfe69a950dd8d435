/** The `collation` of a command, or of one statement of it. */
import type { RawValue } from '../../bson/index.ts';
import { type GivenCollation, parseCollation } from '../../collation/index.ts';

const emptyDocumentLength = 5;

/**
 * Undefined: the operation names none, and has that of its collection; so it is with an empty document.
 * Null: the simple collation.
 */
export function readCollation(fields: {
  optionalDocument(name: string): RawValue | undefined;
}): GivenCollation | undefined {
  const value = fields.optionalDocument('collation');
  if (value === undefined || value.end - value.start === emptyDocumentLength) return undefined;
  return parseCollation(value);
}
