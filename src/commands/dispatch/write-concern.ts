import {
  BsonType,
  decodeValue,
  ElementReader,
  findField,
  type RawValue,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { CommandBody } from './command-body.ts';
import { numberOf, typeName, wholeNumberOf } from './field-values.ts';

/** How many members must have a write before it is acknowledged, and how long to wait for them. */
export interface WriteConcern {
  /** A number of members, 'majority', a mode of the set's configuration, or tags and how many of each. */
  readonly w: number | string | Readonly<Record<string, number>>;
  readonly j?: boolean;
  /** Milliseconds; 0 waits without end. */
  readonly wtimeout: number;
  readonly provenance: 'clientSupplied' | 'implicitDefault' | 'customDefault';
}

export const defaultWriteConcern: WriteConcern = {
  w: 'majority',
  wtimeout: 0,
  provenance: 'implicitDefault',
};

/** Whether the client asks for no answer about its writes: `{w: 0}`, if it wants no journal either. */
export function isUnacknowledged({ w, j }: WriteConcern): boolean {
  return w === 0 && j !== true;
}

const boolTypes = "'[bool, long, int, decimal, double']";
const provenances = ['clientSupplied', 'implicitDefault', 'customDefault', 'getLastErrorDefaults'];

/** `{}` and an absent field mean the default, `{j: true}` alone keeps the default `w`. */
export function parseWriteConcern(
  body: CommandBody,
  byDefault: WriteConcern = defaultWriteConcern,
  field = 'writeConcern',
): WriteConcern {
  if (!body.has(field)) return byDefault;
  const document = body.optionalDocument(field);
  if (document === undefined) return byDefault;
  let w = byDefault.w;
  let wtimeout = 0;
  let j: boolean | undefined;
  let supplied = false;
  const reader = new ElementReader(document.buffer, document.start);
  while (reader.next()) {
    const name = reader.name();
    const value = reader.value();
    const isNull = value.type === BsonType.null || value.type === BsonType.undefined;
    switch (name) {
      case 'w':
        if (isNull) break;
        w = acknowledgements(value);
        supplied = true;
        break;
      case 'j':
      case 'fsync':
        if (isNull) break;
        j = journaled(body, name, value);
        supplied = true;
        break;
      case 'wtimeout':
      case 'wtimeoutMS':
        wtimeout = milliseconds(value);
        supplied = true;
        break;
      case 'provenance':
        if (!isNull) checkProvenance(body, value);
        break;
      case 'getLastError':
        break;
      default:
        throw new MongoServerError(40415, `BSON field '${field}.${name}' is an unknown field.`);
    }
  }
  if (!supplied) return byDefault;
  return { w, wtimeout, provenance: 'clientSupplied', ...(j !== undefined && { j }) };
}

/** Throws BadValue when a server that is no member of a set is asked to wait for others. */
export function checkStandaloneWriteConcern(body: CommandBody, { w }: WriteConcern): void {
  if (typeof w === 'number' && w > 1) {
    throw new MongoServerError('BadValue', "cannot use 'w' > 1 when a host is not replicated");
  }
  const document = body.optionalDocument('writeConcern');
  const given = document && findField(document.buffer, document.start, 'w');
  const isNull = given?.type === BsonType.null || given?.type === BsonType.undefined;
  const mode = isNull ? '' : w;
  if (typeof mode !== 'string' || mode === 'majority') return;
  throw new MongoServerError(
    'BadValue',
    `cannot use non-majority 'w' mode "${mode}" when a host is not a member of a replica set`,
  );
}

function acknowledgements(value: RawValue): WriteConcern['w'] {
  if (value.type === BsonType.string) return decodeValue(value) as string;
  const members = wholeNumberOf(value);
  if (members !== undefined) {
    const isNumber = !Number.isNaN(numberOf(value));
    // -0.5 is 0, not -0.
    if (isNumber && members >= 0 && members <= 50) return members + 0;
    throw new MongoServerError(
      'FailedToParse',
      `w has to be a non-negative number and not greater than 50; found: ${numberOf(value)}`,
    );
  }
  if (value.type === BsonType.object) return tags(value);
  throw new MongoServerError(
    'FailedToParse',
    `w has to be a number, string, or object; found: ${typeName(value.type)}`,
  );
}

/** `{dc: 2}`: members with so many different values of that tag. */
function tags(value: RawValue): Record<string, number> {
  const counts: Record<string, number> = {};
  const reader = new ElementReader(value.buffer, value.start);
  while (reader.next()) {
    const count = numberOf(reader.value());
    if (count === undefined) {
      throw new MongoServerError(
        'FailedToParse',
        `tags must be a single level document with only number values; found: ${reader.name()}: ${typeName(reader.type)}`,
      );
    }
    counts[reader.name()] = Math.trunc(count);
  }
  if (Object.keys(counts).length === 0) {
    throw new MongoServerError('FailedToParse', 'tagged write concern requires tags');
  }
  return counts;
}

function journaled(body: CommandBody, name: string, value: RawValue): boolean {
  if (value.type === BsonType.bool) return value.buffer[value.start] !== 0;
  const number = numberOf(value);
  if (number === undefined) throw body.wrongType(`writeConcern.${name}`, value.type, boolTypes);
  return number !== 0;
}

/** What is no number counts as 0, as in MongoDB. */
function milliseconds(value: RawValue): number {
  const number = numberOf(value) ?? 0;
  if (number > 0x7fff_ffff) {
    throw new MongoServerError(
      'FailedToParse',
      'wtimeout must be less than or equal to 2147483647',
    );
  }
  return Number.isNaN(number) ? 0 : Math.max(0, Math.trunc(number));
}

function checkProvenance(body: CommandBody, value: RawValue): void {
  if (value.type !== BsonType.string) {
    throw body.wrongType('writeConcern.provenance', value.type, "'string'");
  }
  const text = decodeValue(value) as string;
  if (provenances.includes(text)) return;
  throw new MongoServerError(
    'BadValue',
    `Enumeration value '${text}' for field 'writeConcern.provenance' is not a valid value.`,
  );
}
