/** Numbers of each type, short to write in tables: `i(1)`, `l(1)`, `d(1)`, `n('1')`. */
import { Decimal128, Double, Int32, Long } from 'bson';

export const i = (value: number) => new Int32(value);
export const l = (value: number | bigint) => Long.fromBigInt(BigInt(value));
export const d = (value: number) => new Double(value);
export const n = (value: string) => new Decimal128(value);

export const maxInt = 2 ** 31 - 1;
export const maxLong = 2n ** 63n - 1n;
