import {
  BsonType,
  type DocumentWriter,
  findField,
  type RawValue,
  valueEnd,
} from '../../bson/index.ts';
import { compileElementTest } from '../compile-filter.ts';
import type { FilterNode, ValueTest } from '../filter-node.ts';
import { visitElements } from '../path.ts';

/** `{field: {$elemMatch: ...}}` of a projection: the first matching element, behind the other fields. */
export class ElemMatchProjection {
  readonly #name: string;
  readonly #test: ValueTest;

  constructor(name: string, node: FilterNode) {
    this.#name = name;
    this.#test =
      node.kind === 'elemMatchObject' || node.kind === 'elemMatchValue'
        ? compileElementTest(node)
        : () => false;
  }

  write(buffer: Buffer, document: number, writer: DocumentWriter): void {
    const array: RawValue | undefined = findField(buffer, document, this.#name);
    if (array === undefined || array.type !== BsonType.array) return;
    visitElements(buffer, array.start, (bytes, type, start) => {
      if (!this.#test(bytes, type, start)) return false;
      writer.startArray(this.#name);
      writer.rawBytes('0', type, bytes, start, valueEnd(bytes, type, start));
      writer.end();
      return true;
    });
  }
}
