/** The fields of a `$merge`, each by itself. */
import { BsonType, ElementReader } from '../../../bson/index.ts';
import { MongoServerError } from '../../../errors/index.ts';
import {
  checkFieldPath,
  elementsOf,
  textOf,
  typeName,
  type Value,
} from '../../../expressions/index.ts';
import type { MergeTarget, WhenMatched, WhenNotMatched } from '../../pipeline-output.ts';

/** Where to; `spec` is all of the stage when it is a string. */
export type Into = Pick<MergeTarget, 'database' | 'collection'>;

export function readInto(value: Value): Into {
  if (value.type === BsonType.string) {
    const collection = textOf(value);
    if (collection === '') {
      throw new MongoServerError(5786800, "$merge 'into' field cannot be an empty string");
    }
    return { database: undefined, collection };
  }
  if (value.type !== BsonType.object) {
    throw new MongoServerError(
      51178,
      `$merge 'into' field  must be either a string or an object, but found ${typeName(value)}`,
    );
  }
  const given: { db?: string; coll?: string } = {};
  const reader = new ElementReader(value.buffer, value.start);
  while (reader.next()) {
    const name = reader.name();
    if (name !== 'db' && name !== 'coll') {
      throw new MongoServerError(40415, `BSON field 'into.${name}' is an unknown field.`);
    }
    const part = reader.value();
    if (part.type === BsonType.null || part.type === BsonType.undefined) continue;
    if (part.type !== BsonType.string) {
      throw new MongoServerError(
        'TypeMismatch',
        `BSON field 'into.${name}' is the wrong type '${typeName(part)}', expected type 'string'`,
      );
    }
    given[name] = textOf(part);
  }
  if (given.coll === undefined || given.coll === '') {
    throw new MongoServerError(
      5786801,
      "$merge 'into' field must specify a 'coll' that is not empty, null or undefined",
    );
  }
  // No name and the empty one mean the same.
  return { database: given.db === '' ? undefined : given.db, collection: given.coll };
}

/** Paths; without a word it is `_id`. */
export function readOn(value: Value | undefined): string[] {
  if (value === undefined) return ['_id'];
  if (value.type === BsonType.string) return [checkedPath(textOf(value))];
  if (value.type !== BsonType.array) {
    throw new MongoServerError(
      51186,
      `$merge 'on' field  must be either a string or an array of strings, but found ${typeName(value)}`,
    );
  }
  const paths = new Set<string>();
  const elements = elementsOf(value);
  if (elements.length === 0) {
    throw new MongoServerError(
      51187,
      "If explicitly specifying $merge 'on', must include at least one field",
    );
  }
  for (const element of elements) {
    if (element.type !== BsonType.string) {
      throw new MongoServerError(
        51134,
        `$merge 'on' array elements must be strings, but found ${typeName(element)}`,
      );
    }
    const path = checkedPath(textOf(element));
    if (paths.has(path)) {
      throw new MongoServerError(31465, `Found a duplicate field '${path}'`);
    }
    paths.add(path);
  }
  return [...paths];
}

function checkedPath(path: string): string {
  checkFieldPath(path);
  return path;
}

const whenMatchedModes: readonly string[] = [
  'fail',
  'merge',
  'replace',
  'keepExisting',
  'pipeline',
];
const whenNotMatchedModes: readonly string[] = ['insert', 'discard', 'fail'];

/** A pipeline, or the name of a mode. */
export function readWhenMatched(value: Value | undefined): WhenMatched {
  if (value === undefined) return 'merge';
  if (value.type === BsonType.array) return 'pipeline';
  if (value.type !== BsonType.string) {
    throw new MongoServerError(
      51191,
      `$merge 'whenMatched' field  must be either a string or an array, but found ${typeName(value)}`,
    );
  }
  const mode = textOf(value);
  // The name of the mode that an array has is none that a client may say.
  if (mode !== 'pipeline' && whenMatchedModes.includes(mode)) return mode as WhenMatched;
  throw new MongoServerError(
    'BadValue',
    `Enumeration value '${mode}' for field 'whenMatched' is not a valid value.`,
  );
}

export function readWhenNotMatched(value: Value | undefined): WhenNotMatched {
  if (value === undefined || value.type === BsonType.null || value.type === BsonType.undefined) {
    return 'insert';
  }
  if (value.type !== BsonType.string) {
    throw new MongoServerError(
      'TypeMismatch',
      `BSON field '$merge.whenNotMatched' is the wrong type '${typeName(value)}', expected type 'string'`,
    );
  }
  const mode = textOf(value);
  if (whenNotMatchedModes.includes(mode)) return mode as WhenNotMatched;
  throw new MongoServerError(
    'BadValue',
    `Enumeration value '${mode}' for field '$merge.whenNotMatched' is not a valid value.`,
  );
}
