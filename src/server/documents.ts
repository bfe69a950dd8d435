/** Where documents cross the edge: checked on the way in, written on the way out. */
import type { DocumentRange } from '../../wire/index.ts';
import { encodeDocument, validateDocument } from '../bson/index.ts';
import type { ReplyDocument } from '../commands/index.ts';

/** Throws InvalidBSON. The length was checked against its message before. */
export function validateBody(document: DocumentRange): void {
  validateDocument(document.buffer, document.start, document.end);
}

export function encodeReply(reply: ReplyDocument): Buffer {
  return encodeDocument(reply);
}
