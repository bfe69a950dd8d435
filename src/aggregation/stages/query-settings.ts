import { BsonType, ElementReader } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Value } from '../../expressions/index.ts';
import { defineServerFacts } from './server-facts.ts';

/** Manual: $querySettings. `{showDebugQueryShape: bool}`; one document for each shape with settings. */
export const querySettings = defineServerFacts('$querySettings', checkArgument);

function checkArgument(argument: Value): void {
  if (argument.type !== BsonType.object) {
    throw new MongoServerError(7746800, '$querySettings stage expects a document as argument');
  }
  const reader = new ElementReader(argument.buffer, argument.start);
  while (reader.next()) {
    const field = reader.name();
    if (field !== 'showDebugQueryShape') {
      throw new MongoServerError(
        40415,
        `BSON field '$querySettings.${field}' is an unknown field.`,
      );
    }
    if (reader.type !== BsonType.bool) {
      throw new MongoServerError(
        'TypeMismatch',
        "BSON field '$querySettings.showDebugQueryShape' is not a bool",
      );
    }
  }
}
