import { Timestamp } from 'bson';
import { MongoServerError } from '../../errors/index.ts';
import type { CommandBody } from './command-body.ts';

export type ReadConcernLevel = 'local' | 'available' | 'majority' | 'linearizable' | 'snapshot';

/** Which state of the data a read may see. */
export interface ReadConcern {
  readonly level: ReadConcernLevel;
  readonly afterClusterTime?: Timestamp;
  readonly atClusterTime?: Timestamp;
  readonly provenance: 'clientSupplied' | 'implicitDefault' | 'customDefault';
}

export const defaultReadConcern: ReadConcern = { level: 'local', provenance: 'implicitDefault' };

const levels: ReadonlySet<string> = new Set([
  'local',
  'available',
  'majority',
  'linearizable',
  'snapshot',
]);

/** Levels and combinations that cannot be served are refused, never served weaker. */
export function parseReadConcern(
  body: CommandBody,
  byDefault: ReadConcern = defaultReadConcern,
  field = 'readConcern',
): ReadConcern {
  if (!body.has(field)) return byDefault;
  if (body.optionalDocument(field) === undefined) return byDefault;
  const fields = body.decode(field) as Record<string, unknown>;
  let level: string | undefined;
  let afterClusterTime: Timestamp | undefined;
  let isAtTime = false;
  for (const [name, value] of Object.entries(fields)) {
    switch (name) {
      case 'level':
        if (value === null) break;
        if (typeof value !== 'string') throw wrongType(name, 'string');
        if (!levels.has(value)) {
          throw new MongoServerError(
            'BadValue',
            `Enumeration value '${value}' for field 'readConcern.level' is not a valid value.`,
          );
        }
        level = value;
        break;
      case 'afterClusterTime':
        if (!(value instanceof Timestamp)) throw wrongType(name, 'timestamp');
        afterClusterTime = value;
        break;
      case 'atClusterTime':
        if (!(value instanceof Timestamp)) throw wrongType(name, 'timestamp');
        isAtTime = true;
        break;
      case 'provenance':
        if (value !== null) checkProvenance(value);
        break;
      default:
        throw new MongoServerError(40415, `BSON field '${field}.${name}' is an unknown field.`);
    }
  }
  if (isAtTime) {
    if (level === 'snapshot') {
      throw new MongoServerError(
        'NotImplemented',
        'readConcern.atClusterTime is not implemented yet',
      );
    }
    throw new MongoServerError(
      'InvalidOptions',
      'readConcern.atClusterTime field can be set only if level is equal to snapshot',
    );
  }
  if (level === 'linearizable' && afterClusterTime !== undefined) {
    throw new MongoServerError(
      'InvalidOptions',
      'readConcern.afterClusterTime field can be set only if level is equal to local, majority, or snapshot',
    );
  }
  return {
    level: (level ?? byDefault.level) as ReadConcernLevel,
    ...(afterClusterTime && { afterClusterTime }),
    provenance: level === undefined && !afterClusterTime ? byDefault.provenance : 'clientSupplied',
  };
}

/** Where a default came from; only routers say so. */
const provenances: ReadonlySet<unknown> = new Set([
  'clientSupplied',
  'customDefault',
  'getLastErrorDefaults',
  'implicitDefault',
]);

function checkProvenance(value: unknown): void {
  if (typeof value !== 'string') throw wrongType('provenance', 'string');
  if (provenances.has(value)) return;
  throw new MongoServerError(
    'BadValue',
    `Enumeration value '${value}' for field 'readConcern.provenance' is not a valid value.`,
  );
}

function wrongType(field: string, expected: string): MongoServerError {
  return new MongoServerError(
    'TypeMismatch',
    `BSON field 'readConcern.${field}' is the wrong type, expected type '${expected}'`,
  );
}
