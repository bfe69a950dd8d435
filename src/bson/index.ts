export { BsonType, type RawValue } from './bson-type.ts';
export { borrowChunk, returnChunk } from './chunk-pool.ts';
export { collatedValue, isCollatable } from './collated-value.ts';
export { type Collation, isSameCollation } from './collation.ts';
export {
  canonicalType,
  compareDocuments,
  compareValues,
} from './compare.ts';
export {
  addDecimals,
  compareDecimals,
  type Decimal,
  decimalBytes,
  decimalFromDouble,
  decimalFromInteger,
  decimalNaN,
  decimalToDouble,
  digitCount,
  divideDecimals,
  exactDecimal,
  minExponent,
  multiplyDecimals,
  nearestInteger,
  powerOfTen,
  readDecimal,
  roundDecimal,
  subtractDecimals,
} from './decimal.ts';
export { type DecimalRounding, padDecimal, quantizeDecimal } from './decimal-quantum.ts';
export { remainderOfDecimals } from './decimal-remainder.ts';
export { squareRootOfDecimal, squareRootOfInteger } from './decimal-root.ts';
export { copyDocument, decodeDocument, decodeValue } from './decode.ts';
export { DocumentWriter } from './document-writer.ts';
export {
  copyValue,
  cstringEnd,
  documentEnd,
  ElementReader,
  findField,
  findFieldOffset,
  internName,
  valueEnd,
} from './element-reader.ts';
export { encodeDocument, encodeMessage, encodeValue, giveBackMessage } from './encode.ts';
export { hashValue } from './hash.ts';
export { hashedKey } from './hashed-key.ts';
export { JoinedBinary } from './joined-binary.ts';
export { afterPrefix, encodeKeyString, KeyStringWriter } from './key-string.ts';
export { decodeKeyString } from './key-string-decode.ts';
export { LentDocument } from './lent-document.ts';
export {
  readDouble,
  readInt32,
  readInt64,
  readInt64AsNumber,
  readUint32,
} from './little-endian.ts';
export {
  addNumbers,
  decimalValue,
  int32Value,
  int64Value,
  isNumericType,
  multiplyNumbers,
  toDecimal,
  toNumber,
  truncateToInteger,
} from './number.ts';
export { RawArray } from './raw-array.ts';
export { isTruthy } from './truth.ts';
export {
  maxCommandDepth,
  maxDocumentDepth,
  type ValidateOptions,
  validateDocument,
} from './validate.ts';
export { documentText, elementText, typeAlias, valueText } from './value-text.ts';
