import {
  BsonType,
  type DocumentWriter,
  findField,
  type RawValue,
  valueEnd,
} from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { compileElementTest } from '../compile-filter.ts';
import type { FilterNode, ValueTest } from '../filter-node.ts';
import { visitElements } from '../path.ts';

/** Throws for what an element cannot be asked. */
export function checkElemMatch(node: FilterNode): void {
  if (node.kind === 'near') {
    throw new MongoServerError(
      5626500,
      '$geoNear, $near, and $nearSphere are not allowed in this context',
    );
  }
  if ('child' in node) checkElemMatch(node.child);
  if ('children' in node) for (const child of node.children) checkElemMatch(child);
}

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
