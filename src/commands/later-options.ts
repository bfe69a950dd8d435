import { BsonType, decodeValue, type RawValue } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { CommandBody } from './command-body.ts';
import type { NestedFields } from './nested-fields.ts';

/** A value of another type is the client's mistake already now. */
const objects: ReadonlySet<string> = new Set(['collation', 'let', 'max', 'min', 'validator']);

function isOfWrongType(option: string, { type }: RawValue): boolean {
  if (type === BsonType.null || type === BsonType.undefined) return false;
  return objects.has(option) && type !== BsonType.object;
}

/**
 * Refuses options that are not there yet, unless the value asks for nothing: false, null, an empty
 * document, the simple collation.
 */
export function refuseLater(body: CommandBody, options: readonly string[]): void {
  for (const option of options) {
    const value = body.value(option);
    if (value !== undefined && isOfWrongType(option, value)) {
      throw body.wrongType(option, value.type, "'object'");
    }
    if (value !== undefined && asksForSomething(body.decode(option))) {
      throw new MongoServerError(
        'NotImplemented',
        `${body.name} with option '${option}' is not implemented yet`,
      );
    }
  }
}

/** False for what a driver or tool sends to say "the default". */
export function asksForSomething(value: unknown): boolean {
  if (value === false || value === null || value === undefined || value === 0) return false;
  if (typeof value !== 'object') return true;
  if ('enabled' in value) return value.enabled === true;
  if ('locale' in value) return value.locale !== 'simple';
  return Object.keys(value).length > 0;
}

/** The same for the fields of one statement. */
export function refuseLaterNested(
  nested: NestedFields,
  command: string,
  options: readonly string[],
): void {
  for (const option of options) {
    const value = nested.value(option);
    if (value !== undefined && isOfWrongType(option, value)) nested.optionalDocument(option);
    if (value !== undefined && asksForSomething(decodeValue(value))) {
      throw new MongoServerError(
        'NotImplemented',
        `${command} with option '${option}' is not implemented yet`,
      );
    }
  }
}
