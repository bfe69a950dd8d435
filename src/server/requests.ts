/** From a message to a request for `dispatch`; every document of a message is validated here, once. */
import {
  type Compressor,
  type DocumentRange,
  mayBeCompressed,
  type OpQuery,
  parseOpMsg,
  WireError,
  wantsReply,
} from '../../wire/index.ts';
import { maxCommandDepth, validateDocument } from '../bson/index.ts';
import { CommandBody, type DispatchRequest } from '../commands/index.ts';
import { MongoServerError } from '../errors/index.ts';

/** Throws WireError for bytes that are no OP_MSG, MongoServerError for a body that is no command. */
export function readMsgRequest(
  message: Buffer,
  compressor: Compressor | undefined,
): DispatchRequest {
  const { body: document, sequences, exhaustAllowed } = parseOpMsg(message);
  validateBody(document);
  for (const { documents } of sequences) documents.forEach(validate);
  const body = new CommandBody(message, document.start, sequences);
  if (compressor !== undefined && !mayBeCompressed(body.name)) {
    throw new WireError(`${body.name} must not be compressed`, { closes: true });
  }
  return { body, exhaustAllowed: exhaustAllowed && wantsReply(message), legacy: false };
}

/** OP_QUERY serves the handshake of clients that do not know yet what this server speaks. */
export function readQueryRequest(message: Buffer, query: OpQuery): DispatchRequest {
  validateBody(query.query);
  const body = new CommandBody(message, query.query.start);
  const name = body.name.toLowerCase();
  if (!query.fullCollectionName.endsWith('.$cmd') || (name !== 'hello' && name !== 'ismaster')) {
    throw new MongoServerError(
      'UnsupportedOpQueryCommand',
      `Unsupported OP_QUERY command: ${body.name}. The client driver may require an upgrade. For more details see https://dochub.mongodb.org/core/legacy-opcode-removal`,
    );
  }
  body.database = query.fullCollectionName.slice(0, -'.$cmd'.length);
  return { body, exhaustAllowed: false, legacy: true };
}

/** Throws InvalidBSON or Overflow. The length was checked against its message before. */
function validateBody({ buffer, start, end }: DocumentRange): void {
  validateDocument(buffer, start, end, { maxDepth: maxCommandDepth });
}

/** The same of a document a command is about. */
function validate({ buffer, start, end }: DocumentRange): void {
  validateDocument(buffer, start, end);
}
