import { BsonType, type DocumentWriter, ElementReader } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { Expression, Scope } from './expression.ts';
import type { MaybeValue } from './value.ts';

/**
 * The meaning of `$addFields`: expressions by name, nested as the paths are. Fields of other names stay;
 * computed fields that the document does not have are appended in the order of the specification.
 */
export class FieldTree {
  readonly rules = new Map<string, Expression | FieldTree>();

  /** Puts an expression at a path; two that contradict each other are refused. */
  set(path: readonly string[], rule: Expression): void {
    const name = path[0]!;
    const existing = this.rules.get(name);
    if (path.length === 1) {
      if (existing !== undefined) {
        throw new MongoServerError(
          31250,
          `Invalid $addFields :: caused by :: Path collision at ${path.join('.')}`,
        );
      }
      this.rules.set(name, rule);
      return;
    }
    let below = existing;
    if (below === undefined) {
      below = new FieldTree();
      this.rules.set(name, below);
    } else if (!(below instanceof FieldTree)) {
      throw new MongoServerError(
        31249,
        `Invalid $addFields :: caused by :: Path collision at ${path.join('.')} remaining portion ${path.slice(1).join('.')}`,
      );
    }
    below.set(path.slice(1), rule);
  }

  /** Writes the fields of the changed document into the document that is open in `writer`. */
  write(writer: DocumentWriter, buffer: Buffer, start: number, scope: Scope): void {
    const written = new Set<string>();
    // Neighbours that are kept are copied together.
    let keptFrom = -1;
    let keptTo = 0;
    const reader = new ElementReader(buffer, start);
    while (reader.next()) {
      const name = reader.name();
      const rule = this.rules.get(name);
      if (rule === undefined) {
        if (keptFrom < 0) keptFrom = reader.elementStart;
        keptTo = reader.end;
        continue;
      }
      if (keptFrom >= 0) writer.element(buffer, keptFrom, keptTo);
      keptFrom = -1;
      written.add(name);
      if (rule instanceof FieldTree) rule.#writeValue(writer, name, buffer, reader, scope);
      else writeMaybe(writer, name, rule.evaluate(scope));
    }
    if (keptFrom >= 0) writer.element(buffer, keptFrom, keptTo);
    this.#append(writer, written, scope);
  }

  #append(writer: DocumentWriter, written: ReadonlySet<string> | undefined, scope: Scope): void {
    for (const [name, rule] of this.rules) {
      if (written?.has(name) === true) continue;
      if (!(rule instanceof FieldTree)) writeMaybe(writer, name, rule.evaluate(scope));
      else {
        writer.startObject(name);
        rule.#append(writer, undefined, scope);
        writer.endObject();
      }
    }
  }

  #writeValue(
    writer: DocumentWriter,
    name: string,
    buffer: Buffer,
    { type, start }: ElementReader,
    scope: Scope,
  ): void {
    if (type === BsonType.object) {
      writer.startObject(name);
      this.write(writer, buffer, start, scope);
      writer.endObject();
    } else if (type === BsonType.array) {
      writer.startArray(name);
      const reader = new ElementReader(buffer, start);
      let at = 0;
      while (reader.next()) this.#writeValue(writer, String(at++), buffer, reader, scope);
      writer.endObject();
    } else {
      writer.startObject(name);
      this.#append(writer, undefined, scope);
      writer.endObject();
    }
  }
}

function writeMaybe(writer: DocumentWriter, name: string, value: MaybeValue): void {
  if (value !== undefined) writer.raw(name, value);
}
