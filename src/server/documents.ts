/** Where documents cross the edge: checked on the way in, written on the way out. */
import { deserialize } from 'bson';
import type { DocumentRange } from '../../wire/index.ts';
import { encodeDocument } from '../bson/index.ts';
import type { ReplyDocument } from '../commands/index.ts';
import { MongoServerError } from '../errors/index.ts';

/** Throws InvalidBSON. */
export function validateBody(document: DocumentRange): void {
  try {
    deserialize(document.buffer.subarray(document.start, document.end));
  } catch (error) {
    throw new MongoServerError('InvalidBSON', (error as Error).message, { cause: error });
  }
}

export function encodeReply(reply: ReplyDocument): Buffer {
  return encodeDocument(reply);
}
