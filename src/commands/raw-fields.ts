/**
 * Stand-in for `src/bson` until that room has landed: just enough to walk a command's top level.
 */
import { MongoServerError } from '../errors/index.ts';

export interface RawValue {
  readonly buffer: Buffer;
  readonly type: number;
  readonly start: number;
  readonly end: number;
}

/** Where the value of this type ends. */
export function valueEnd(buffer: Buffer, type: number, start: number): number {
  switch (type) {
    case 1:
    case 9:
    case 17:
    case 18:
      return start + 8;
    case 2:
    case 13:
    case 14:
      return start + 4 + buffer.readInt32LE(start);
    case 3:
    case 4:
    case 15:
      return start + buffer.readInt32LE(start);
    case 5:
      return start + 5 + buffer.readInt32LE(start);
    case 7:
      return start + 12;
    case 8:
      return start + 1;
    case 6:
    case 10:
    case 127:
    case 255:
      return start;
    case 11:
      return buffer.indexOf(0, buffer.indexOf(0, start) + 1) + 1;
    case 12:
      return start + 16 + buffer.readInt32LE(start);
    case 16:
      return start + 4;
    case 19:
      return start + 16;
    default:
      throw new MongoServerError('InvalidBSON', `Unrecognized BSON type: ${type}`);
  }
}
