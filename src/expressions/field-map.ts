import { DocumentWriter, ElementReader } from '../bson/index.ts';
import type { Value } from './value.ts';

/** A document under construction: names in the order they first came, each with its last value. */
export class FieldMap {
  readonly #fields = new Map<string, Value>();

  set(name: string, value: Value): void {
    this.#fields.set(name, value);
  }

  delete(name: string): void {
    this.#fields.delete(name);
  }

  /** Sets every field of a document. */
  merge(buffer: Buffer, start: number): void {
    const reader = new ElementReader(buffer, start);
    while (reader.next()) this.#fields.set(reader.name(), reader.value());
  }

  encode(): Buffer {
    const writer = new DocumentWriter();
    writer.startDocument();
    for (const [name, value] of this.#fields) writer.raw(name, value);
    writer.end();
    return writer.finish();
  }
}
