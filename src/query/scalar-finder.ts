import { BsonType, findFieldOffset, type RawValue, valueEnd } from '../bson/index.ts';
import { type Path, parsePath } from './path.ts';

/** Finds the values of several paths in documents that have no arrays on them. */
export class ScalarFinder {
  readonly #paths: readonly Path[];
  readonly #arrayFound: (path: string) => Error;

  /** `arrayFound`: what is thrown for an array at the end of a path, or on its way. */
  constructor(paths: readonly string[], arrayFound: (path: string) => Error) {
    this.#paths = paths.map(parsePath);
    this.#arrayFound = arrayFound;
  }

  /** Undefined where there is no value. */
  find(buffer: Buffer, document: number): (RawValue | undefined)[] {
    return this.#paths.map((path) => this.#follow(buffer, document, path));
  }

  #follow(buffer: Buffer, document: number, path: Path): RawValue | undefined {
    let current = document;
    for (let at = 0; at < path.length; at++) {
      const { bytes } = path[at]!;
      const element = findFieldOffset(buffer, current, bytes);
      if (element < 0) return undefined;
      const type = buffer[element]!;
      const start = element + bytes.length + 2;
      if (type === BsonType.array) {
        const names = path.slice(0, at + 1).map(({ name }) => name);
        throw this.#arrayFound(names.join('.'));
      }
      if (at === path.length - 1)
        return { buffer, type, start, end: valueEnd(buffer, type, start) };
      if (type !== BsonType.object) return undefined;
      current = start;
    }
    return undefined;
  }
}
