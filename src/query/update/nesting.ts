/** How deep the documents may nest that updates make. */
import { maxDocumentDepth, validateDocument } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';

export function nestsTooDeep(): MongoServerError {
  return new MongoServerError(
    'Overflow',
    `Document exceeds maximum nesting depth of ${maxDocumentDepth}`,
  );
}

/** Throws Overflow when the document nests deeper than one can be stored. */
export function checkNesting(document: Buffer): void {
  try {
    validateDocument(document, 0, document.length);
  } catch (error) {
    if (error instanceof MongoServerError && error.codeName === 'Overflow') throw nestsTooDeep();
    throw error;
  }
}
