/**
 * How text is ordered when bytes are not to decide. Wherever values are compared, hashed or made into
 * keys, one may be given; without one the order of strings is that of their UTF-8 bytes.
 */
export interface Collation {
  /** Two collations of one id order all text alike. */
  readonly id: string;
  /** All its options, as clients are shown them. */
  readonly document: Readonly<Record<string, unknown>>;
  /** Below 0, 0 or above 0, as one UTF-8 text sorts before, with or after another. */
  compare(a: Buffer, aStart: number, aEnd: number, b: Buffer, bStart: number, bEnd: number): number;
  /**
   * Bytes in place of a text: equal for equal texts, in the order of the texts. They are good until the
   * next call of either method.
   */
  key(bytes: Buffer, start: number, end: number): Buffer;
}

export function isSameCollation(a: Collation | undefined, b: Collation | undefined): boolean {
  return a?.id === b?.id;
}
