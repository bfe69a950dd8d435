/**
 * Values on their way into the sandbox: JSON text `[self, args, specials]`, which the interpreter reads
 * fast. What JSON has no word for is null there and stands in `specials` as `[path, tag, parts]`; the tags
 * are those of `readers` in shell-types.js. int32s and doubles are both numbers of JavaScript.
 */
import { Decimal128 } from 'bson';
import {
  BsonType,
  cstringEnd,
  ElementReader,
  type RawValue,
  readDouble,
  readInt32,
  readInt64,
  readUint32,
} from '../bson/index.ts';

type Special = readonly [path: readonly string[], tag: string, ...parts: unknown[]];

/** A missing argument is undefined. */
export function scriptInput(
  self: RawValue | undefined,
  args: readonly (RawValue | undefined)[],
): string {
  const writer = new InputWriter();
  const selfText = self === undefined ? '{}' : writer.at('0', self);
  const argTexts = writer.within('1', () => args.map((arg, at) => writer.at(String(at), arg)));
  return `[${selfText},[${argTexts.join(',')}],${JSON.stringify(writer.specials)}]`;
}

class InputWriter {
  readonly specials: Special[] = [];
  readonly #path: string[] = [];

  within<T>(name: string, run: () => T): T {
    this.#path.push(name);
    const result = run();
    this.#path.pop();
    return result;
  }

  at(name: string, value: RawValue | undefined): string {
    return this.within(name, () => (value === undefined ? this.#special('u') : this.#text(value)));
  }

  #text(value: RawValue): string {
    const { buffer, type, start, end } = value;
    switch (type) {
      case BsonType.string:
      case BsonType.symbol:
        return JSON.stringify(buffer.toString('utf8', start + 4, end - 1));
      case BsonType.int:
        return String(readInt32(buffer, start));
      case BsonType.double:
        return this.#double(readDouble(buffer, start));
      case BsonType.bool:
        return buffer[start] === 0 ? 'false' : 'true';
      case BsonType.null:
        return 'null';
      case BsonType.object: {
        const fields = this.#elements(value).map(
          ([name, text]) => `${JSON.stringify(name)}:${text}`,
        );
        return `{${fields.join(',')}}`;
      }
      case BsonType.array:
        return `[${this.#elements(value)
          .map(([, text]) => text)
          .join(',')}]`;
      default:
        return this.#special(...specialOf(value));
    }
  }

  #elements(value: RawValue): [string, string][] {
    const elements: [string, string][] = [];
    const isArray = value.type === BsonType.array;
    const reader = new ElementReader(value.buffer, value.start);
    while (reader.next()) {
      // The names in an array may be anything; the interpreter counts.
      const name = isArray ? String(elements.length) : reader.name();
      elements.push([name, this.at(name, reader.value())]);
    }
    return elements;
  }

  #double(value: number): string {
    if (!Number.isFinite(value)) return this.#special('n', String(value));
    return Object.is(value, -0) ? '-0' : String(value);
  }

  #special(tag: string, ...parts: readonly unknown[]): string {
    this.specials.push([[...this.#path], tag, ...parts]);
    return 'null';
  }
}

function specialOf({ buffer, type, start, end }: RawValue): [tag: string, ...parts: unknown[]] {
  switch (type) {
    case BsonType.undefined:
      return ['u'];
    case BsonType.objectId:
      return ['oid', buffer.toString('hex', start, start + 12)];
    case BsonType.date:
      return ['date', Number(readInt64(buffer, start))];
    case BsonType.long:
      return ['l', String(readInt64(buffer, start))];
    case BsonType.decimal:
      return ['m', new Decimal128(buffer.subarray(start, start + 16)).toString()];
    case BsonType.timestamp:
      return ['t', readUint32(buffer, start + 4), readUint32(buffer, start)];
    case BsonType.binData:
      return ['b', buffer[start + 4], buffer.toString('base64', start + 5, end)];
    case BsonType.regex: {
      const patternEnd = cstringEnd(buffer, start);
      const options = buffer.toString('utf8', patternEnd + 1, end - 1);
      // The interpreter has no flag x.
      const flags = options.replace(/[^ims]/g, '');
      return ['r', buffer.toString('utf8', start, patternEnd), flags];
    }
    case BsonType.javascript:
      return ['c', buffer.toString('utf8', start + 4, end - 1)];
    case BsonType.javascriptWithScope: {
      const codeBytes = readInt32(buffer, start + 4);
      return ['c', buffer.toString('utf8', start + 8, start + 7 + codeBytes)];
    }
    case BsonType.dbPointer: {
      const idStart = start + 4 + readInt32(buffer, start);
      const namespace = buffer.toString('utf8', start + 4, idStart - 1);
      return ['p', namespace, buffer.toString('hex', idStart, idStart + 12)];
    }
    case BsonType.minKey:
      return ['min'];
    case BsonType.maxKey:
      return ['max'];
    default:
      throw new Error(`a value of type ${type} in a valid document`);
  }
}
