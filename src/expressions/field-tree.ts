import { BsonType, type DocumentWriter, ElementReader } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { Expression, Scope } from './expression.ts';
import type { MaybeValue } from './value.ts';

/** What happens with one field: kept, dropped, computed, or changed inside. */
export type FieldRule = 'keep' | 'drop' | Expression | FieldTree;

/**
 * The meaning of `$project` and `$addFields`: rules by name, nested as the paths are. Fields without a
 * rule are kept or not (`keepsOthers`); computed fields that the document does not have are appended in
 * the order of the specification.
 */
export class FieldTree {
  readonly rules = new Map<string, FieldRule>();
  readonly keepsOthers: boolean;
  #computes = false;

  constructor(keepsOthers: boolean) {
    this.keepsOthers = keepsOthers;
  }

  /** Whether some rule here or below computes a value. */
  get computes(): boolean {
    return this.#computes;
  }

  /** Puts a rule at a path; two rules that contradict each other are refused. */
  set(path: readonly string[], rule: 'keep' | 'drop' | Expression): void {
    if (typeof rule === 'object') this.#computes = true;
    const name = path[0]!;
    const existing = this.rules.get(name);
    if (path.length === 1) {
      if (existing !== undefined) throw collision(path.join('.'));
      this.rules.set(name, rule);
      return;
    }
    let below = existing;
    if (below === undefined) {
      below = new FieldTree(this.keepsOthers);
      this.rules.set(name, below);
    } else if (!(below instanceof FieldTree)) {
      throw new MongoServerError(
        31249,
        `Invalid $project :: caused by :: Path collision at ${path.join('.')} remaining portion ${path.slice(1).join('.')}`,
      );
    }
    below.set(path.slice(1), rule);
  }

  /** Writes the fields of the changed document into the document that is open in `writer`. */
  write(writer: DocumentWriter, buffer: Buffer, start: number, scope: Scope): void {
    let written: Set<string> | undefined;
    // Neighbours that are kept are copied together.
    let keptFrom = -1;
    let keptTo = 0;
    const reader = new ElementReader(buffer, start);
    while (reader.next()) {
      const name = reader.name();
      const rule = this.rules.get(name);
      if (rule === undefined ? this.keepsOthers : rule === 'keep') {
        if (keptFrom < 0) keptFrom = reader.elementStart;
        keptTo = reader.end;
        continue;
      }
      if (keptFrom >= 0) writer.element(buffer, keptFrom, keptTo);
      keptFrom = -1;
      if (rule === undefined || typeof rule === 'string') continue;
      if (rule instanceof FieldTree) {
        written ??= new Set();
        written.add(name);
        rule.#writeValue(writer, name, buffer, reader.type, reader.start, reader, scope);
      } else if (this.keepsOthers) {
        written ??= new Set();
        written.add(name);
        writeMaybe(writer, name, rule.evaluate(scope));
      }
    }
    if (keptFrom >= 0) writer.element(buffer, keptFrom, keptTo);
    if (this.#computes) this.#append(writer, written, scope);
  }

  #append(writer: DocumentWriter, written: ReadonlySet<string> | undefined, scope: Scope): void {
    for (const [name, rule] of this.rules) {
      if (typeof rule === 'string' || written?.has(name) === true) continue;
      if (!(rule instanceof FieldTree)) writeMaybe(writer, name, rule.evaluate(scope));
      else if (rule.#computes) {
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
    type: number,
    start: number,
    element: ElementReader,
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
      while (reader.next()) {
        if (!this.#leavesOut(reader.type)) {
          this.#writeValue(writer, String(at++), buffer, reader.type, reader.start, reader, scope);
        }
      }
      writer.endObject();
    } else if (this.#computes) {
      writer.startObject(name);
      this.#append(writer, undefined, scope);
      writer.endObject();
    } else if (this.keepsOthers) {
      writer.rawBytes(name, type, buffer, start, element.end);
    }
  }

  /** An inclusion has nothing of a plain value to include. */
  #leavesOut(type: number): boolean {
    return (
      type !== BsonType.object && type !== BsonType.array && !this.#computes && !this.keepsOthers
    );
  }
}

function writeMaybe(writer: DocumentWriter, name: string, value: MaybeValue): void {
  if (value !== undefined) writer.raw(name, value);
}

function collision(path: string): MongoServerError {
  return new MongoServerError(31250, `Invalid $project :: caused by :: Path collision at ${path}`);
}
