import { BsonType, DocumentWriter, ElementReader } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { exactly, type PlainOperator } from '../expression.ts';
import { arrayValue, documentValue, isNullish, nullValue, typeName, type Value } from '../value.ts';

/** `$objectToArray`: `[{k, v}, ...]`. */
export const objectToArray: PlainOperator = {
  kind: 'plain',
  name: '$objectToArray',
  arity: exactly(1),
  evaluate([operand]) {
    if (isNullish(operand)) return nullValue;
    if (operand!.type !== BsonType.object) {
      throw new MongoServerError(
        40390,
        `$objectToArray requires a document input, found: ${typeName(operand)}`,
      );
    }
    const pairs: Value[] = [];
    const reader = new ElementReader(operand!.buffer, operand!.start);
    while (reader.next()) {
      const writer = new DocumentWriter();
      writer.startDocument();
      writer.string('k', reader.name());
      writer.raw('v', reader.value());
      writer.end();
      pairs.push(documentValue(writer.finish()));
    }
    return arrayValue(pairs);
  },
};
