/** Table tests of `$convert` and its short forms: value, type, code and text. */
import { Binary, Decimal128, Double, Long, ObjectId } from 'bson';
import { describe, expect, test } from 'vitest';
import {
  decodeValue,
  encodeDocument,
  encodeValue,
  hashedKey,
  typeAlias,
} from '../../src/bson/index.ts';
import { MongoServerError } from '../../src/errors/index.ts';
import { noVariables, ParseContext, parseExpression, Scope } from '../../src/expressions/index.ts';

function result(expression: unknown): readonly [string, unknown] {
  const scope = new Scope(encodeDocument({}), 0);
  const parsed = parseExpression(encodeValue(expression), ParseContext.of(noVariables));
  const value = parsed.evaluate(scope)!;
  const decoded = decodeValue(value);
  if (decoded instanceof Binary) {
    return [`binData ${decoded.sub_type}`, Buffer.from(decoded.buffer).toString('hex')];
  }
  const shown = typeof decoded === 'object' && decoded !== null ? String(decoded) : decoded;
  return [typeAlias(value.type), shown];
}

function refusal(expression: unknown): readonly [number, string] | undefined {
  try {
    result(expression);
  } catch (error) {
    if (error instanceof MongoServerError) return [error.code, error.message];
    throw error;
  }
  return undefined;
}

const uuid = '12345678-1234-1234-1234-123456789012';
const uuidHex = uuid.replaceAll('-', '');
const bytes = (hex: string, subtype = 0) => new Binary(Buffer.from(hex, 'hex'), subtype);
const to = (input: unknown, type: unknown, more: object = {}) => ({
  $convert: { input, to: type, ...more },
});
const none = 'in $convert with no onError value';

describe('$convert', () => {
  test.each<[unknown, string, unknown]>([
    [{ $toInt: '+12' }, 'int', 12],
    [{ $toInt: new Double(1.9) }, 'int', 1],
    [{ $toLong: '-9223372036854775808' }, 'long', -(2n ** 63n)],
    [{ $toLong: new Date(5) }, 'long', 5n],
    [{ $toDouble: '-1e3' }, 'double', -1000],
    [{ $toDouble: '+0x1.8p1' }, 'double', 3],
    [{ $toDouble: '-Infinity' }, 'double', Number.NEGATIVE_INFINITY],
    [{ $toDecimal: '1.10' }, 'decimal', '1.10'],
    [
      { $toDecimal: '12345678901234567890123456789012345' },
      'decimal',
      '1.234567890123456789012345678901234E+34',
    ],
    [{ $toDecimal: '-nan' }, 'decimal', 'NaN'],
    [{ $toBool: 'false' }, 'bool', true],
    [{ $toBool: new Decimal128('0') }, 'bool', false],
    [{ $toString: new Decimal128('1.10') }, 'string', '1.10'],
    [{ $toString: new Date(0) }, 'string', '1970-01-01T00:00:00.000Z'],
    [{ $toString: bytes('ff') }, 'string', '/w=='],
    [{ $toString: bytes(uuidHex, 4) }, 'string', uuid],
    [{ $toObjectId: '0123456789abcdef01234567' }, 'objectId', '0123456789abcdef01234567'],
    [{ $toDate: new ObjectId('000000010000000000000000') }, 'date', String(new Date(1000))],
    [{ $toUUID: uuid }, 'binData 4', uuidHex],
    [{ $toInt: bytes('ff') }, 'int', -1],
    [{ $toLong: bytes('0100000000000000') }, 'long', 1n],
    [{ $toDouble: bytes('0000c03f') }, 'double', 1.5],
    [to('/w==', 'binData', { format: 'base64' }), 'binData 0', 'ff'],
    [to('_w', { type: 'binData', subtype: 128 }, { format: 'base64url' }), 'binData 128', 'ff'],
    [to('FF00', { type: 5 }, { format: 'hex' }), 'binData 0', 'ff00'],
    [to('é', 'binData', { format: 'utf8' }), 'binData 0', 'c3a9'],
    [to(1, 'binData', { byteOrder: 'big' }), 'binData 0', '00000001'],
    [to(Long.fromNumber(1), 'binData'), 'binData 0', '0100000000000000'],
    [to(bytes('ff'), 'string', { format: 'hex' }), 'string', 'FF'],
    [to(bytes('fb'), 'string', { format: 'base64url' }), 'string', '-w'],
    [to(bytes('0102'), 'int', { byteOrder: 'big' }), 'int', 258],
    [to(bytes('01', 5), { type: 'binData', subtype: 5 }), 'binData 5', '01'],
    [to('x', 'int', { onError: 'bad' }), 'string', 'bad'],
    [to(null, 'int', { onNull: 7 }), 'int', 7],
    [to(null, { type: 'binData', subtype: 999 }, { format: 'x' }), 'null', null],
    [to(5, null), 'null', null],
  ])('%o is a %s', (expression, type, value) => {
    expect(result(expression)).toEqual([type, value]);
  });

  test('a hash is that of a hashed index', () => {
    const hash = hashedKey(encodeValue('a'));
    expect(result({ $toHashedIndexKey: 'a' })).toEqual(['long', hash]);
  });

  test.each<[unknown, number, string]>([
    [{ $toInt: [1, 2] }, 50723, '$toInt requires a single argument, got 2'],
    [{ $toInt: '1.5' }, 241, `Failed to parse number '1.5' ${none}: Did not consume whole string.`],
    [{ $toInt: '' }, 241, `Failed to parse number '' ${none}: Empty string`],
    [{ $toInt: '-' }, 241, `Failed to parse number '-' ${none}: No digits`],
    [{ $toInt: '2147483648' }, 241, `Failed to parse number '2147483648' ${none}: Overflow`],
    [{ $toInt: '0x1' }, 241, `Illegal hexadecimal input ${none}: 0x1`],
    [{ $toInt: new Double(3e9) }, 241, `Conversion would overflow target type ${none}: 3000000000`],
    [
      { $toInt: new Double(Number.NaN) },
      241,
      `Attempt to convert NaN value to integer type ${none}`,
    ],
    [
      { $toInt: new Double(Number.POSITIVE_INFINITY) },
      241,
      `Attempt to convert infinity value to integer type ${none}`,
    ],
    [{ $toInt: new Date(0) }, 241, `Unsupported conversion from date to int ${none}`],
    [
      { $toInt: bytes('010203') },
      241,
      "Failed to convert 'BinData(0, 010203)' to number in $convert because of invalid length: 3",
    ],
    [{ $toDouble: ' 1' }, 241, `Failed to parse number ' 1' ${none}: Leading whitespace`],
    [{ $toDouble: 'abc' }, 241, `Failed to parse number 'abc' ${none}: Did not consume any digits`],
    [{ $toDouble: '1e999' }, 241, `Failed to parse number '1e999' ${none}: Out of range`],
    [
      { $toDouble: new Decimal128('1E+400') },
      241,
      `Conversion would overflow target type ${none}: 1E+400`,
    ],
    [
      { $toDecimal: '1E+7000' },
      241,
      `Failed to parse number '1E+7000' ${none}: Conversion from string to decimal would overflow`,
    ],
    [
      { $toDecimal: 'x' },
      241,
      `Failed to parse number 'x' ${none}: Failed to parse string to decimal`,
    ],
    [
      { $toObjectId: 'ab' },
      241,
      `Failed to parse objectId 'ab' ${none}: Invalid string length for parsing to OID, expected 24 but found 2`,
    ],
    [
      { $toObjectId: 'x123456789abcdef01234567' },
      241,
      `Failed to parse objectId 'x123456789abcdef01234567' ${none}: Invalid character found in hex string: x`,
    ],
    [{ $toDate: 5 }, 241, `Unsupported conversion from int to date ${none}`],
    [{ $toUUID: 'x' }, 241, `Failed to parse BinData 'x' ${none}: Invalid UUID string: x`],
    [
      to('x', 'binData'),
      4341115,
      "Format must be speficied when converting from 'string' to 'binData'",
    ],
    [to('x', 'binData', { format: 'xml' }), 4341125, "Invalid 'format' argument for $convert: xml"],
    [
      to('x', 'binData', { format: 5 }),
      4341114,
      "$convert requires that 'format' be a string, found: int with value 5",
    ],
    [
      to('f', 'binData', { format: 'hex' }),
      241,
      `Failed to parse BinData 'f' ${none}: Hex blob with odd digit count`,
    ],
    [
      to(uuid, 'binData', { format: 'uuid' }),
      241,
      `Failed to parse BinData '${uuid}' ${none}: Only the 'uuid' format is allowed with the UUID subtype`,
    ],
    [
      to(bytes('ff'), 'string', { format: 'utf8' }),
      241,
      `Failed to convert 'BinData(0, FF)' to string ${none}: BinData does not represent a valid UTF-8 string`,
    ],
    [
      to(bytes('ff', 5), 'binData'),
      241,
      'Conversions between different BinData subtypes are not supported',
    ],
    [
      to('x', { type: 'binData', subtype: 10 }, { format: 'utf8' }),
      4341107,
      "In $convert, numeric value for 'subtype' does not correspond to a BinData type: 10",
    ],
    [
      to('x', { type: 'binData', subtype: new Double(1.5) }, { format: 'utf8' }),
      4341106,
      "In $convert, numeric 'subtype' argument is not an integer",
    ],
    [
      to('x', { type: 'binData', subtype: 'a' }, { format: 'utf8' }),
      4341108,
      "For BinData, $convert's 'subtype' argument must be a number, but is string",
    ],
    [
      to(1, 'binData', { byteOrder: 1 }),
      9130001,
      "$convert requires that 'byteOrder' be a string, found: int with value 1",
    ],
    [
      to(1, 'binData', { byteOrder: 'up' }),
      9130002,
      "Invalid 'byteOrder' argument for $convert: up",
    ],
    [to(1, 'foo'), 2, 'Unknown type name: foo'],
    [to(1, 99), 9, "In $convert, numeric value for 'to' does not correspond to a BSON type: 99"],
    [to(1, new Double(1.5)), 9, "In $convert, numeric 'to' argument is not an integer"],
    [to(1, {}), 9, "$convert's 'to' argument must be a string or number, but is missing"],
    [to(1, 'array'), 241, `Unsupported conversion from int to array ${none}`],
    [{ $convert: { input: 1 } }, 9, "Missing 'to' parameter to $convert"],
    [{ $convert: { to: 1 } }, 9, "Missing 'input' parameter to $convert"],
    [{ $convert: { input: 1, to: 1, x: 1 } }, 9, '$convert found an unknown argument: x'],
    [{ $convert: 1 }, 9, '$convert expects an object of named arguments but found: int'],
  ])('%o is refused with %i', (expression, code, message) => {
    expect(refusal(expression)).toEqual([code, message]);
  });
});
