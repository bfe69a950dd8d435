export { BsonType, type RawValue } from './bson-type.ts';
export { copyDocument, decodeDocument, decodeValue } from './decode.ts';
export { DocumentWriter } from './document-writer.ts';
export {
  copyValue,
  cstringEnd,
  documentEnd,
  ElementReader,
  findField,
  findFieldOffset,
  isKnownType,
  valueEnd,
} from './element-reader.ts';
export { encodeDocument, writeValue } from './encode.ts';
export {
  readDouble,
  readInt32,
  readInt64,
  readInt64AsNumber,
  readUint32,
} from './little-endian.ts';
export { RawArray } from './raw-array.ts';
