/** Stand-in until the key strings of `src/bson` have landed; then this file goes. */
import { MongoServerError } from '../errors/index.ts';

function missing(): never {
  throw new MongoServerError('NotImplemented', 'key strings have not landed yet');
}

export class KeyStringWriter {
  reset(): void {}
  append(_buffer: Buffer, _type: number, _start: number, _descending: boolean): void {}
  appendMissing(_descending: boolean): void {}
  finish(): Buffer {
    return missing();
  }
  typeBits(): Buffer {
    return missing();
  }
}
