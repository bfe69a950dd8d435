/** What `$collStats` may be asked for: checked when the pipeline is read. */
import {
  BsonType,
  decodeValue,
  ElementReader,
  nearestInteger,
  readDecimal,
  typeAlias,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { isNumber, type Value } from '../../expressions/index.ts';

/** The parts asked for. A part that is given twice is asked for when one of the two says so. */
export interface CollStatsParts {
  latencyStats?: { readonly histograms: boolean };
  /** `scale`: bytes a unit has, from 1 to 2^31 - 1. */
  storageStats?: { readonly scale: number };
  count?: true;
  queryExecStats?: true;
}

const scaleMax = 2 ** 31 - 1;

/** Throws 5447000, 40415, 31170, TypeMismatch, BadValue. */
export function readCollStats(argument: Value): CollStatsParts {
  if (argument.type !== BsonType.object) {
    throw new MongoServerError(
      5447000,
      `$collStats must take a nested object but found: ${typeAlias(argument.type)}`,
    );
  }
  const parts: CollStatsParts = {};
  const reader = new ElementReader(argument.buffer, argument.start);
  while (reader.next()) {
    const name = reader.name();
    const read = partReaders[name];
    if (read === undefined) throw unknown(name);
    if (reader.type === BsonType.null || reader.type === BsonType.undefined) continue;
    if (reader.type !== BsonType.object) throw wrongType(name, reader.type, 'object');
    read(parts, reader.value());
  }
  return parts;
}

const partReaders: Readonly<Record<string, (parts: CollStatsParts, value: Value) => void>> = {
  latencyStats(parts, value) {
    let histograms = false;
    const reader = new ElementReader(value.buffer, value.start);
    while (reader.next()) {
      const path = `latencyStats.${reader.name()}`;
      if (reader.name() !== 'histograms') throw unknown(path);
      if (reader.type !== BsonType.bool) throw wrongType(path, reader.type, 'bool');
      histograms = decodeValue(reader.value()) === true;
    }
    parts.latencyStats = { histograms };
  },
  /** Other fields are passed over, as MongoDB does in this part alone. */
  storageStats(parts, value) {
    let scale = 1;
    const reader = new ElementReader(value.buffer, value.start);
    while (reader.next()) {
      if (reader.name() === 'scale') scale = readScale(reader.value());
    }
    parts.storageStats = { scale };
  },
  count(parts, value) {
    refuseArguments('count', value);
    parts.count = true;
  },
  queryExecStats(parts, value) {
    refuseArguments('queryExecStats', value);
    parts.queryExecStats = true;
  },
};

function refuseArguments(part: string, value: Value): void {
  if (!new ElementReader(value.buffer, value.start).next()) return;
  throw new MongoServerError(31170, `the '${part}' option of $collStats takes no arguments`);
}

/** Decimals are rounded to the nearest whole number, half to even, doubles are cut. */
function readScale(value: Value): number {
  if (value.type === BsonType.null) return 1;
  if (!isNumber(value)) {
    throw new MongoServerError(
      'TypeMismatch',
      `BSON field '$collStats.storageStats.scale' is the wrong type '${typeAlias(value.type)}', expected types '[long, int, decimal, double']`,
    );
  }
  const given = Number(String(decodeValue(value)));
  const isRounded = value.type === BsonType.decimal && Number.isFinite(given);
  const whole = isRounded
    ? Number(nearestInteger(readDecimal(value.buffer, value.start)))
    : Math.trunc(given);
  if (whole >= 1) return Math.min(whole, scaleMax);
  throw new MongoServerError(
    'BadValue',
    `BSON field 'scale' value must be >= 1, actual value '${Number.isNaN(whole) ? 0 : whole}'`,
  );
}

function wrongType(path: string, type: number, expected: string): MongoServerError {
  return new MongoServerError(
    'TypeMismatch',
    `BSON field '$collStats.${path}' is the wrong type '${typeAlias(type)}', expected type '${expected}'`,
  );
}

function unknown(path: string): MongoServerError {
  return new MongoServerError(40415, `BSON field '$collStats.${path}' is an unknown field.`);
}
