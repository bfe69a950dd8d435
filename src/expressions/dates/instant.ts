import { BsonType, readInt64, readUint32 } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { type MaybeValue, typeName, type Value } from '../value.ts';

/**
 * A moment as the days since 1970-01-01 and the milliseconds of that day, in UTC: both exact numbers for
 * every date BSON has.
 */
export interface Instant {
  readonly day: number;
  /** 0 to 86,399,999. */
  readonly time: number;
}

export const dayMilliseconds = 86_400_000;
const dayMillisecondsBig = 86_400_000n;

export function instantAt(milliseconds: number): Instant {
  const day = Math.floor(milliseconds / dayMilliseconds);
  return { day, time: milliseconds - day * dayMilliseconds };
}

export function instantOfLong(milliseconds: bigint): Instant {
  const time = ((milliseconds % dayMillisecondsBig) + dayMillisecondsBig) % dayMillisecondsBig;
  return { day: Number((milliseconds - time) / dayMillisecondsBig), time: Number(time) };
}

export function longOfInstant({ day, time }: Instant): bigint {
  const milliseconds = day * dayMilliseconds + time;
  if (Number.isSafeInteger(milliseconds)) return BigInt(milliseconds);
  return BigInt(day) * dayMillisecondsBig + BigInt(time);
}

/** Since 1970, in whole seconds. */
export function secondsOf({ day, time }: Instant): number {
  return day * 86_400 + Math.floor(time / 1000);
}

/** Whether `value` has a moment: a date, a timestamp or an object id. */
export function hasInstant(value: MaybeValue): boolean {
  const type = value?.type;
  return type === BsonType.date || type === BsonType.timestamp || type === BsonType.objectId;
}

/** The moment of a date, a timestamp or an object id; other types throw 16006. */
export function instantOf(value: Value): Instant {
  const { buffer, start, type } = value;
  switch (type) {
    case BsonType.date: {
      const high = buffer.readInt32LE(start + 4);
      // Within 2^52 milliseconds of 1970 a number is exact.
      if (high >= -0x10_0000 && high < 0x10_0000) {
        return instantAt(high * 0x1_0000_0000 + readUint32(buffer, start));
      }
      return instantOfLong(readInt64(buffer, start));
    }
    case BsonType.timestamp:
      return instantAt(readUint32(buffer, start + 4) * 1000);
    case BsonType.objectId:
      return instantAt(buffer.readInt32BE(start) * 1000);
    default:
      throw new MongoServerError(16006, `can't convert from BSON type ${typeName(value)} to Date`);
  }
}
