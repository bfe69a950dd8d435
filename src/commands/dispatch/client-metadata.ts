/** The `client` document of a first hello (MongoDB handshake specification). */
import { MongoServerError } from '../../errors/index.ts';
import type { CommandBody } from './command-body.ts';

const documentBytesMax = 512;
const appNameBytesMax = 128;

export interface ClientMetadata {
  readonly document: Buffer;
  readonly decoded: Record<string, unknown>;
  readonly appName: string;
}

export function readClientMetadata(body: CommandBody): ClientMetadata | undefined {
  const value = body.optionalDocument('client');
  if (value === undefined) return undefined;
  if (value.end - value.start > documentBytesMax) {
    throw new MongoServerError(
      'ClientMetadataDocumentTooLarge',
      `The client metadata document must be less then or equal to ${documentBytesMax} bytes`,
    );
  }
  const decoded = body.decode('client') as Record<string, unknown>;
  for (const [group, field] of [
    ['driver', 'name'],
    ['driver', 'version'],
    ['os', 'type'],
  ] as const) {
    const inner = decoded[group] as Record<string, unknown> | undefined;
    if (typeof inner !== 'object' || inner === null || typeof inner[field] !== 'string') {
      throw new MongoServerError(
        'ClientMetadataMissingField',
        `Missing required field '${group}.${field}' in the client metadata document`,
      );
    }
  }
  const application = decoded.application as { name?: unknown } | undefined;
  const appName = typeof application?.name === 'string' ? application.name : '';
  if (Buffer.byteLength(appName) > appNameBytesMax) {
    throw new MongoServerError(
      'ClientMetadataDocumentTooLarge',
      `The 'application.name' field in the client metadata document must be less then or equal to ${appNameBytesMax} bytes`,
    );
  }
  // A copy: it outlives the message.
  const document = Buffer.from(value.buffer.subarray(value.start, value.end));
  return { document, decoded, appName };
}
