import {
  BsonType,
  decodeKeyString,
  documentText,
  elementText,
  encodeValue,
  findField,
  type RawValue,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { clusteredDuplicate } from '../collections/clustered-id.ts';
import { documentOfFields } from '../writes/prepare-document.ts';
import type { Duplicate } from '../writes/record-writer.ts';

/**
 * The error of a unique index. Clients match on its text: "E11000 duplicate key error collection:
 * test.c index: x_1 dup key: { x: 1 }".
 */
export function duplicateKeyError(namespace: string, duplicate: Duplicate): MongoServerError {
  const unshown = clusteredDuplicate(duplicate);
  if (unshown !== undefined) return unshown;
  const { index, key } = duplicate;
  const descending = index.keyPattern.map(({ direction }) => direction < 0);
  const values = decodeKeyString(key.keyString, key.typeBits, descending);
  const collation = findField(index.spec, 0, 'collation');
  const named: [string, RawValue][] = [];
  index.keyPattern.forEach(({ path }, at) => {
    const value = values[at];
    if (value !== undefined) named.push([path, collation === undefined ? value : asShown(value)]);
  });
  const text = named.map(([name, value]) => elementText(name, value)).join(', ');
  const collationText =
    collation === undefined ? '' : ` collation: ${documentText(collation.buffer, collation.start)}`;
  const keyPattern: Record<string, number> = {};
  for (const { path, direction } of index.keyPattern) keyPattern[path] = direction;
  return new MongoServerError(
    'DuplicateKey',
    `E11000 duplicate key error collection: ${namespace} index: ${index.name}${collationText} dup key: { ${text} }`,
    {
      fields: {
        keyPattern,
        keyValue: documentOfFields(named),
        ...(collation === undefined ? {} : { collation }),
      },
    },
  );
}

/** The index has the collation's key, not the text: shown in hexadecimal digits. */
function asShown(value: RawValue): RawValue {
  if (value.type !== BsonType.string) return value;
  const { buffer, start, end } = value;
  return encodeValue(`0x${buffer.toString('hex', start + 4, end - 1)}`);
}
