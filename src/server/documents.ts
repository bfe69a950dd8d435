/** Where documents cross the edge: checked on the way in, written on the way out. */
import type { DocumentRange } from '../../wire/index.ts';
import { encodeDocumentBehind, validateDocument } from '../bson/index.ts';
import type { ReplyDocument } from '../commands/index.ts';

/** Throws InvalidBSON. The length was checked against its message before. */
export function validateBody(document: DocumentRange): void {
  validateDocument(document.buffer, document.start, document.end);
}

/** The reply behind `prefix` bytes that are to be filled in. */
export function encodeReply(reply: ReplyDocument, prefix = 0): Buffer {
  return encodeDocumentBehind(prefix, reply);
}
