/** Which members a client lets answer; drivers choose by tags and staleness, a member checks what they say. */
import { BsonType, ElementReader, findField, type RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { CommandBody } from './command-body.ts';
import { textOf, typeName, wholeNumberOf } from './field-values.ts';

const modes: ReadonlySet<string> = new Set([
  'primary',
  'primaryPreferred',
  'secondary',
  'secondaryPreferred',
  'nearest',
]);

/** Nobody knows better how stale a member is: 90 s (max staleness specification). */
const stalenessMinSecs = 90;

/**
 * `primary` when the client says nothing. Throws BadValue, TypeMismatch, InvalidOptions and
 * MaxStalenessOutOfRange for what is no read preference, on a primary too.
 */
export function readPreferenceMode(body: CommandBody): string {
  const value = body.value('$readPreference');
  if (value === undefined) return 'primary';
  if (value.type !== BsonType.object) {
    throw new MongoServerError(
      'TypeMismatch',
      `$readPreference has incorrect type: expected object but got ${typeName(value.type)}`,
    );
  }
  let mode: string | undefined;
  let isTagged = false;
  let stalenessSecs = 0;
  let isHedged = false;
  const reader = new ElementReader(value.buffer, value.start);
  while (reader.next()) {
    switch (reader.name()) {
      case 'mode':
        mode = modeOf(reader.value());
        break;
      case 'tags':
        isTagged = namesTags(reader.value());
        break;
      case 'maxStalenessSeconds':
        stalenessSecs = stalenessOf(reader.value());
        break;
      case 'hedge':
        isHedged = asksToHedge(reader.value());
        break;
    }
  }
  if (mode === undefined) {
    throw new MongoServerError(
      40414,
      "BSON field 'readPreference.mode' is missing but a required field",
    );
  }
  if (mode !== 'primary') return mode;
  if (isHedged) {
    throw new MongoServerError(
      'InvalidOptions',
      'cannot enable hedging for $readPreference mode "primaryOnly"',
    );
  }
  if (isTagged) throw badValue('Only empty tags are allowed with primary read preference');
  if (stalenessSecs !== 0)
    throw badValue('maxStalenessSeconds can not be set for the primary mode');
  return mode;
}

function modeOf(value: RawValue): string {
  if (value.type !== BsonType.string) throw wrongType('mode', value, 'string');
  const mode = textOf(value);
  if (modes.has(mode)) return mode;
  throw badValue(
    `Enumeration value '${mode}' for field 'readPreference.mode' is not a valid value.`,
  );
}

/** `[]` and `[{}]` name none. */
function namesTags(value: RawValue): boolean {
  if (value.type !== BsonType.array) throw wrongType('tags', value, 'array');
  const reader = new ElementReader(value.buffer, value.start);
  if (!reader.next()) return false;
  const { type, start, end } = reader.value();
  const isEmpty = type === BsonType.object && end - start === 5;
  return !isEmpty || reader.next();
}

function stalenessOf(value: RawValue): number {
  const seconds = wholeNumberOf(value);
  if (seconds === undefined) throw wrongType('maxStalenessSeconds', value, 'long');
  if (seconds < 0) throw badValue('maxStalenessSeconds must be a non-negative integer');
  if (seconds > 0 && seconds < stalenessMinSecs) {
    throw new MongoServerError(
      'MaxStalenessOutOfRange',
      `maxStalenessSeconds value can not be less than ${stalenessMinSecs}`,
    );
  }
  return seconds;
}

function asksToHedge(value: RawValue): boolean {
  if (value.type !== BsonType.object) throw wrongType('hedge', value, 'object');
  const enabled = findField(value.buffer, value.start, 'enabled');
  return (
    enabled === undefined || enabled.type !== BsonType.bool || enabled.buffer[enabled.start] === 1
  );
}

function wrongType(field: string, { type }: RawValue, expected: string): MongoServerError {
  return new MongoServerError(
    'TypeMismatch',
    `BSON field 'readPreference.${field}' is the wrong type '${typeName(type)}', expected type '${expected}'`,
  );
}

function badValue(message: string): MongoServerError {
  return new MongoServerError('BadValue', message);
}
