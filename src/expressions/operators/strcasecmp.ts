import { coerceToUtf8 } from '../coerce.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { intValue } from '../value.ts';

/** ASCII letters in upper case; others stay, as MongoDB has it. */
function folded(utf8: Buffer): Buffer {
  const bytes = Buffer.from(utf8);
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x61 && byte <= 0x7a) bytes[at] = byte - 0x20;
  }
  return bytes;
}

/** `$strcasecmp`: -1, 0 or 1, whatever the case of ASCII letters. */
export const strcasecmp: PlainOperator = {
  kind: 'plain',
  name: '$strcasecmp',
  arity: exactly(2),
  evaluate([left, right]) {
    const a = coerceToUtf8(left);
    return intValue(Buffer.compare(folded(a), folded(coerceToUtf8(right))));
  },
};
