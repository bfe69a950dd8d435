import { BsonType, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';

/** The 16 bytes of a UUID, copied; throws `wrongType()` for a value of another kind. */
export function readUuid(
  { buffer, type, start, end }: RawValue,
  wrongType: () => MongoServerError,
): Buffer {
  if (type !== BsonType.binData || buffer[start + 4] !== 4) throw wrongType();
  if (end - start - 5 !== 16) {
    throw new MongoServerError(
      'InvalidUUID',
      'uuid must be a 16-byte binary field with UUID (4) subtype',
    );
  }
  return Buffer.from(buffer.subarray(start + 5, end));
}
