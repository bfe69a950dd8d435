/**
 * The exact walk of a dotted path, arrays included: the rules of the server's ElementPath.
 *
 * - A path runs through every document inside an array; a numeric component is also the position of
 *   an element. Arrays directly inside arrays are entered by position only.
 * - At the end of the path an array stands for its elements, then for itself; but an element that was
 *   reached by its position stands for itself only.
 * - What is named by its position is not what a search through the array came upon: it is no
 *   `outer` position.
 * - A scalar in the middle, and a missing field, is one missing value. Inside an array only documents
 *   can miss a field: `{a: [1]}` has nothing at all at `a.b`.
 */
import { BsonType, findFieldOffset, valueEnd } from '../bson/index.ts';
import { missingType } from './filter-node.ts';

export interface PathPart {
  readonly name: string;
  readonly bytes: Buffer;
  /** The array position it may mean; -1 when it is not a number in its usual spelling. */
  readonly index: number;
}

export type Path = readonly PathPart[];

/** Called with each value; answers true to stop. `outer` is the position in the outermost array, or -1. */
export type PathVisitor = (buffer: Buffer, type: number, start: number, outer: number) => boolean;

export function parsePath(path: string): Path {
  return path.split('.').map((name) => ({
    name,
    bytes: Buffer.from(name),
    index: arrayIndexOf(name),
  }));
}

/** '0', '17' -> 0, 17; '01', '-1', 'a' -> -1. */
export function arrayIndexOf(name: string): number {
  return /^(?:0|[1-9]\d{0,8})$/.test(name) ? Number(name) : -1;
}

/** Visits the values at the path; `expandLast` says whether an array at its end stands for its elements. */
export function visitPath(
  buffer: Buffer,
  document: number,
  path: Path,
  expandLast: boolean,
  visit: PathVisitor,
): boolean {
  return visitInDocument(buffer, document, path, 0, expandLast, visit, -1);
}

function visitInDocument(
  buffer: Buffer,
  document: number,
  path: Path,
  from: number,
  expandLast: boolean,
  visit: PathVisitor,
  outer: number,
): boolean {
  let current = document;
  for (let at = from; ; at++) {
    const { bytes } = path[at]!;
    const element = findFieldOffset(buffer, current, bytes);
    if (element < 0) return visit(buffer, missingType, 0, outer);
    const type = buffer[element]!;
    const start = element + bytes.length + 2;
    const isLast = at === path.length - 1;
    if (type === BsonType.array) {
      if (!isLast) return visitInArray(buffer, start, path, at + 1, expandLast, visit, outer);
      if (expandLast && visitElements(buffer, start, visit, outer)) return true;
      return visit(buffer, type, start, outer);
    }
    if (isLast) return visit(buffer, type, start, outer);
    if (type !== BsonType.object) return visit(buffer, missingType, 0, outer);
    current = start;
  }
}

/** The elements of the array, without the array itself. */
export function visitElements(
  buffer: Buffer,
  array: number,
  visit: PathVisitor,
  outer = -1,
): boolean {
  let at = array + 4;
  for (let index = 0; ; index++) {
    const type = buffer[at]!;
    if (!(type > 0)) return false;
    let start = at + 2;
    while (buffer[start - 1]! > 0) start++;
    if (visit(buffer, type, start, outer < 0 ? index : outer)) return true;
    at = valueEnd(buffer, type, start);
  }
}

function visitInArray(
  buffer: Buffer,
  array: number,
  path: Path,
  from: number,
  expandLast: boolean,
  visit: PathVisitor,
  outer: number,
): boolean {
  const position = path[from]!.index;
  const isLast = from === path.length - 1;
  let at = array + 4;
  for (let index = 0; ; index++) {
    const type = buffer[at]!;
    if (!(type > 0)) return false;
    let start = at + 2;
    while (buffer[start - 1]! > 0) start++;
    const here = outer < 0 ? index : outer;
    const isDocument = type === BsonType.object;
    if (isDocument && visitInDocument(buffer, start, path, from, expandLast, visit, here)) {
      return true;
    }
    if (index === position) {
      if (isLast) {
        if (visit(buffer, type, start, outer)) return true;
      } else if (isDocument) {
        if (visitInDocument(buffer, start, path, from + 1, expandLast, visit, outer)) return true;
      } else if (type === BsonType.array) {
        if (visitInArray(buffer, start, path, from + 1, expandLast, visit, outer)) return true;
      }
    }
    at = valueEnd(buffer, type, start);
  }
}
