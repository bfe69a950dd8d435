import { coerceToUtf8 } from '../coerce.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { bytesAsText } from '../value.ts';

/** `$toLower`: of ASCII letters only, as stock; null becomes the empty string. */
export const toLower: PlainOperator = {
  kind: 'plain',
  name: '$toLower',
  arity: exactly(1),
  evaluate([operand]) {
    const bytes = Buffer.from(coerceToUtf8(operand));
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!;
      if (byte >= 0x41 && byte <= 0x5a) bytes[at] = byte + 0x20;
    }
    return bytesAsText(bytes);
  },
};
