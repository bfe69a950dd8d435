import { BsonType, findFieldOffset, type RawValue, valueEnd } from '../bson/index.ts';
import { type Path, parsePath, visitElements } from './path.ts';

const parsed = new Map<string, Path>();
const maxParsed = 256;

/**
 * Hands out every value the `distinct` command sees at the path: arrays on the way are run through
 * (or entered by a numeric component), an array at the end stands for its elements only.
 */
export function distinctValues(
  path: string,
  buffer: Buffer,
  start: number,
  add: (value: RawValue) => void,
): void {
  let parts = parsed.get(path);
  if (parts === undefined) {
    if (parsed.size >= maxParsed) parsed.clear();
    parts = parsePath(path);
    parsed.set(path, parts);
  }
  inDocument(buffer, start, parts, 0, add);
}

function inDocument(
  buffer: Buffer,
  document: number,
  path: Path,
  at: number,
  add: (value: RawValue) => void,
): void {
  const { bytes } = path[at]!;
  const element = findFieldOffset(buffer, document, bytes);
  if (element < 0) return;
  atValue(buffer, buffer[element]!, element + bytes.length + 2, path, at + 1, add);
}

function atValue(
  buffer: Buffer,
  type: number,
  start: number,
  path: Path,
  at: number,
  add: (value: RawValue) => void,
): void {
  if (at === path.length) {
    if (type === BsonType.array) {
      visitElements(buffer, start, (bytes, elementType, elementStart) => {
        const end = valueEnd(bytes, elementType, elementStart);
        add({ buffer: bytes, type: elementType, start: elementStart, end });
        return false;
      });
    } else add({ buffer, type, start, end: valueEnd(buffer, type, start) });
    return;
  }
  if (type === BsonType.object) {
    inDocument(buffer, start, path, at, add);
  } else if (type === BsonType.array) {
    const { index } = path[at]!;
    visitElements(buffer, start, (bytes, elementType, elementStart, position) => {
      if (index >= 0) {
        if (position !== index) return false;
        atValue(bytes, elementType, elementStart, path, at + 1, add);
        return true;
      }
      if (elementType === BsonType.object) inDocument(bytes, elementStart, path, at, add);
      return false;
    });
  }
}
