import { BsonType, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { CommandBody } from '../dispatch/command-body.ts';

const bool = { expected: "'[bool, long, int, decimal, double']", types: [8, 18, 16, 19, 1] };
const number = { expected: "'[long, int, decimal, double']", types: [18, 16, 19, 1] };
const object = { expected: "'object'", types: [BsonType.object] };
const string = { expected: "'string'", types: [BsonType.string] };

/** A value of another type is the client's mistake already now. */
const optionTypes: Readonly<Record<string, { expected: string; types: readonly number[] }>> = {
  autoIndexId: bool,
  changeStreamPreAndPostImages: object,
  constants: object,
  flags: number,
  keyPattern: object,
  let: object,
  temp: bool,
  validationAction: string,
  validationLevel: string,
  validator: object,
};

function wrongType(option: string, { type }: RawValue): string | undefined {
  if (type === BsonType.null || type === BsonType.undefined) return undefined;
  const allowed = optionTypes[option];
  return allowed === undefined || allowed.types.includes(type) ? undefined : allowed.expected;
}

/**
 * Refuses options that are not there yet, unless the value asks for nothing: false, null, an empty
 * document.
 */
export function refuseLater(body: CommandBody, options: readonly string[]): void {
  for (const option of options) {
    const value = body.value(option);
    const expected = value && wrongType(option, value);
    if (value !== undefined && expected !== undefined) {
      throw body.wrongType(option, value.type, expected);
    }
    if (value !== undefined && asksFor(option, body.decode(option))) {
      throw new MongoServerError(
        'NotImplemented',
        `${body.name} with option '${option}' is not implemented yet`,
      );
    }
  }
}

function asksFor(option: string, value: unknown): boolean {
  if (option === 'autoIndexId') return value === false || value === 0;
  return asksForSomething(value);
}

/** False for what a driver or tool sends to say "the default". */
function asksForSomething(value: unknown): boolean {
  if (value === false || value === null || value === undefined || value === 0) return false;
  if (typeof value !== 'object') return true;
  if ('enabled' in value) return value.enabled === true;
  return Object.keys(value).length > 0;
}
