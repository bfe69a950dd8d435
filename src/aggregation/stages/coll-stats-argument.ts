/** What `$collStats` may be asked for: checked when the pipeline is read. */
import { BsonType, decodeValue, ElementReader, typeAlias } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { isNumber, type Value } from '../../expressions/index.ts';

/** What each part takes; the others take nothing. */
const parts: Readonly<Record<string, readonly string[]>> = {
  latencyStats: ['histograms'],
  storageStats: ['scale'],
  count: [],
  queryExecStats: [],
};

export function checkCollStats(argument: Value): void {
  if (argument.type !== BsonType.object) {
    throw new MongoServerError(
      5447000,
      `$collStats must take a nested object but found: ${typeAlias(argument.type)}`,
    );
  }
  const reader = new ElementReader(argument.buffer, argument.start);
  while (reader.next()) {
    const name = reader.name();
    const known = parts[name];
    if (known === undefined) throw unknown(name);
    if (reader.type === BsonType.null || reader.type === BsonType.undefined) continue;
    if (reader.type !== BsonType.object) throw wrongType(name, reader.type, 'object');
    checkPart(name, reader.value(), known);
  }
}

function checkPart(part: string, value: Value, known: readonly string[]): void {
  const reader = new ElementReader(value.buffer, value.start);
  while (reader.next()) {
    const path = `${part}.${reader.name()}`;
    if (known.length === 0) {
      throw new MongoServerError(31170, `the '${part}' option of $collStats takes no arguments`);
    }
    if (!known.includes(reader.name())) throw unknown(path);
    if (part === 'latencyStats') {
      if (reader.type !== BsonType.bool) throw wrongType(path, reader.type, 'bool');
    } else checkScale(path, reader.value());
  }
  if (part === 'queryExecStats') {
    throw new MongoServerError('NotImplemented', '$collStats.queryExecStats is not implemented');
  }
}

function checkScale(path: string, value: Value): void {
  if (value.type === BsonType.null) return;
  if (!isNumber(value)) {
    throw new MongoServerError(
      'TypeMismatch',
      `BSON field '$collStats.${path}' is the wrong type '${typeAlias(value.type)}', expected types '[long, int, decimal, double]'`,
    );
  }
  const scale = Number(String(decodeValue(value)));
  const isPositive = value.type === BsonType.decimal ? scale > 0.5 : scale >= 1;
  if (isPositive) return;
  throw new MongoServerError(
    'BadValue',
    `BSON field 'scale' value must be >= 1, actual value '${Number.isNaN(scale) ? 0 : Math.trunc(scale)}'`,
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
