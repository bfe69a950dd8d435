import { MongoServerError } from '../errors/index.ts';
import type { CommandBody } from './command-body.ts';

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

/** `{}` and an absent field mean the default, `{j: true}` alone keeps the default `w`. */
export function parseWriteConcern(body: CommandBody): WriteConcern {
  if (!body.has('writeConcern')) return defaultWriteConcern;
  if (body.optionalDocument('writeConcern') === undefined) return defaultWriteConcern;
  const fields = body.decode('writeConcern') as Record<string, unknown>;
  let w: WriteConcern['w'] = 'majority';
  let wtimeout = 0;
  let j: boolean | undefined;
  let supplied = false;
  for (const [name, value] of Object.entries(fields)) {
    switch (name) {
      case 'w':
        if (typeof value === 'string') w = value;
        else if (typeof value === 'number' || typeof value === 'bigint') {
          const members = Number(value);
          if (!(members >= 0 && members <= 50)) {
            throw new MongoServerError(
              'FailedToParse',
              `w has to be a non-negative number and not greater than 50; found: ${members}`,
            );
          }
          w = Math.trunc(members);
        } else if (value !== null && typeof value === 'object') {
          w = parseTags(value);
        } else {
          throw new MongoServerError(
            'FailedToParse',
            `w has to be a number, string, or object; found: ${typeof value}`,
          );
        }
        supplied = true;
        break;
      case 'j':
      case 'fsync':
        if (typeof value !== 'boolean' && typeof value !== 'number') {
          throw new MongoServerError(
            'TypeMismatch',
            `BSON field 'writeConcern.${name}' is the wrong type, expected types '[bool, long, int, decimal, double]'`,
          );
        }
        j = Boolean(value);
        supplied = true;
        break;
      case 'wtimeout':
      case 'wtimeoutMS': {
        const milliseconds = Number(value);
        if (!(milliseconds <= 2 ** 31 - 1)) {
          throw new MongoServerError(
            'FailedToParse',
            'wtimeout must be less than or equal to 2147483647',
          );
        }
        wtimeout = Math.max(0, Math.trunc(milliseconds));
        supplied = true;
        break;
      }
      case 'provenance':
      case 'getLastError':
        break;
      default:
        throw new MongoServerError(40415, `BSON field 'writeConcern.${name}' is an unknown field.`);
    }
  }
  if (!supplied) return defaultWriteConcern;
  return { w, wtimeout, provenance: 'clientSupplied', ...(j !== undefined && { j }) };
}

function parseTags(value: object): Record<string, number> {
  const tags = Object.entries(value);
  if (tags.length === 0) {
    throw new MongoServerError('FailedToParse', 'tagged write concern requires tags');
  }
  const counts = tags.map(([tag, count]): [string, number] => {
    if (typeof count !== 'number' && typeof count !== 'bigint') {
      throw new MongoServerError(
        'FailedToParse',
        `tags must be a single level document with only number values; found: ${tag}: ${JSON.stringify(count)}`,
      );
    }
    return [tag, Math.trunc(Number(count))];
  });
  return Object.fromEntries(counts);
}
