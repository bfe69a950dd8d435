import { MongoServerError } from '../errors/index.ts';

/** Throws unless `path` may name a field in a sort or a projection; codes of FieldPath's own checks. */
export function checkFieldPath(path: string): void {
  if (path === '') {
    throw new MongoServerError(40352, 'FieldPath cannot be constructed with empty string');
  }
  splitFieldPath(path);
}

/** The fields of a DBRef. */
const referenceNames: ReadonlySet<string> = new Set(['$ref', '$id', '$db']);

/** As deep as documents may be. */
const maxPathLength = 200;

/** The parts of a dotted path that is not empty; throws what `checkFieldPath` does. */
export function splitFieldPath(path: string): string[] {
  if (path.endsWith('.')) {
    throw new MongoServerError(40353, "FieldPath must not end with a '.'.");
  }
  const parts = path.split('.');
  if (parts.length > maxPathLength) throw new MongoServerError('Overflow', 'FieldPath is too long');
  for (const part of parts) {
    if (part === '') {
      throw new MongoServerError(15998, 'FieldPath field names may not be empty strings.');
    }
    if (part.startsWith('$') && !referenceNames.has(part)) {
      throw new MongoServerError(
        16410,
        "FieldPath field names may not start with '$'. Consider using $getField or $setField.",
      );
    }
    if (part.includes('\0')) {
      throw new MongoServerError(16411, 'FieldPath field names may not contain null bytes.');
    }
  }
  return parts;
}
