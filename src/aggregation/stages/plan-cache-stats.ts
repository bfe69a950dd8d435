import { BsonType, ElementReader } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { typeName, type Value } from '../../expressions/index.ts';
import { defineServerFacts } from './server-facts.ts';

/** Manual: $planCacheStats. `{allHosts: bool}`, of which only false goes without sharding. */
export const planCacheStats = defineServerFacts('$planCacheStats', checkArgument);

function checkArgument(argument: Value): void {
  if (argument.type !== BsonType.object) {
    throw new MongoServerError(
      'FailedToParse',
      `$planCacheStats value must be an object. Found: ${typeName(argument)}`,
    );
  }
  const reader = new ElementReader(argument.buffer, argument.start);
  let isGiven = false;
  while (reader.next()) {
    const field = reader.name();
    if (field !== 'allHosts' || isGiven) {
      throw new MongoServerError(
        'FailedToParse',
        `Unrecognized option '${field}' for $planCacheStats stage, or one given twice`,
      );
    }
    isGiven = true;
    if (reader.type !== BsonType.bool) {
      throw new MongoServerError(
        13111,
        `Field 'allHosts' in $planCacheStats must be a bool, not ${typeName(reader.value())}`,
      );
    }
    const { buffer, start } = reader.value();
    if (buffer[start] === 1) {
      throw new MongoServerError(
        4503200,
        '$planCacheStats stage supports allHosts parameter only for sharded clusters',
      );
    }
  }
}
