import {
  BsonType,
  ElementReader,
  nearestInteger,
  readDecimal,
  toNumber,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { isNumber, type Value } from '../../expressions/index.ts';
import { Limit, Sort, type SortKeys } from '../../plan/index.ts';
import type { StageDefinition } from '../pipeline-stage.ts';

/** Samples up to this size are all that is kept in memory while documents go by. */
const smallSample = 10_000;

const randomOrder: SortKeys = {
  keyOf() {
    const key = Buffer.allocUnsafe(8);
    key.writeUInt32BE(Math.floor(Math.random() * 2 ** 32), 0);
    key.writeUInt32BE(Math.floor(Math.random() * 2 ** 32), 4);
    return key;
  },
};

/** `$sample`: so many documents, each as likely as any other, in random order. */
export const sample: StageDefinition = {
  name: '$sample',
  parse(argument) {
    const size = sizeOf(argument);
    return {
      name: '$sample',
      argument,
      build: (source) => {
        if (size <= smallSample) return new Sort(source!, randomOrder, size, {});
        return new Limit(new Sort(source!, randomOrder, 0, {}), size);
      },
    };
  },
};

function sizeOf(argument: Value): number {
  if (argument.type !== BsonType.object) {
    throw new MongoServerError(28745, 'the $sample stage specification must be an object');
  }
  let size: number | undefined;
  const reader = new ElementReader(argument.buffer, argument.start);
  while (reader.next()) {
    if (reader.name() !== 'size') {
      throw new MongoServerError(28748, `unrecognized option to $sample: ${reader.name()}`);
    }
    const value = reader.value();
    if (!isNumber(value)) {
      throw new MongoServerError(28746, 'size argument to $sample must be a number');
    }
    size = wholeOf(value);
  }
  if (size === undefined) {
    throw new MongoServerError(28749, '$sample stage must specify a size');
  }
  if (size > 0) return size;
  throw new MongoServerError(28747, 'size argument to $sample must be a positive integer');
}

/** Doubles are cut, decimals rounded half to even; NaN and the infinities stay. */
function wholeOf({ buffer, type, start }: Value): number {
  const number = toNumber(buffer, type, start);
  if (type !== BsonType.decimal || !Number.isFinite(number)) return Math.trunc(number);
  return Number(nearestInteger(readDecimal(buffer, start)));
}
