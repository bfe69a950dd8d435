/** `$currentDate`: the member's clock, as a date or a timestamp. */
import {
  BsonType,
  decodeValue,
  ElementReader,
  encodeValue,
  type RawValue,
  typeAlias,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { changeTo, type UpdateOperator } from './modifier.ts';

function wantedType(argument: RawValue): 'date' | 'timestamp' {
  if (argument.type === BsonType.bool) return 'date';
  if (argument.type !== BsonType.object) {
    throw new MongoServerError(
      'BadValue',
      `${typeAlias(argument.type)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).`,
    );
  }
  let wanted: unknown;
  const reader = new ElementReader(argument.buffer, argument.start);
  while (reader.next()) {
    if (reader.name() !== '$type') {
      throw new MongoServerError('BadValue', `Unrecognized $currentDate option: ${reader.name()}`);
    }
    wanted = decodeValue(reader.value());
  }
  if (wanted === 'date' || wanted === 'timestamp') return wanted;
  throw new MongoServerError(
    'BadValue',
    "The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {field : {$type: 'date'}}}",
  );
}

export const currentDate: UpdateOperator = {
  name: '$currentDate',
  parse(_path, argument) {
    const wanted = wantedType(argument);
    return {
      creates: true,
      apply(current, { now, clusterTime }) {
        if (wanted === 'date') return changeTo(current, encodeValue(new Date(now)));
        const buffer = Buffer.alloc(8);
        buffer.writeUInt32LE(clusterTime.i, 0);
        buffer.writeUInt32LE(clusterTime.t, 4);
        return changeTo(current, { buffer, type: BsonType.timestamp, start: 0, end: 8 });
      },
    };
  },
};
