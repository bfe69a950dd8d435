import { BsonType, DocumentWriter, documentEnd } from '../../../bson/index.ts';
import { MongoServerError } from '../../../errors/index.ts';
import {
  type Expression,
  FieldTree,
  type MaybeValue,
  type Metadata,
  Scope,
} from '../../../expressions/index.ts';
import { Stage, Work, type WorkResult } from '../../../plan/index.ts';
import type { ExpressionOrder } from '../expression-order.ts';
import type { WindowFunction, WindowRun } from './window-function.ts';

/** What documents and functions of a partition may hold at once, in bytes. */
const memoryLimitBytes = 100 * 1024 * 1024;
const documentOverheadBytes = 96;
const noDocument = Buffer.from([5, 0, 0, 0, 0]);

export interface WindowField {
  readonly path: readonly string[];
  readonly function: WindowFunction;
}

interface HeldDocument {
  /** Own bytes. */
  readonly buffer: Buffer;
  readonly metadata: Metadata | undefined;
}

/**
 * Shows the documents of each partition, which come one partition after the other and in order, to all
 * functions as they come, and gives a document on when every function knows its result. Held are the
 * documents from the current one to the farthest a window has asked for.
 */
export class WindowStage extends Stage {
  readonly name = '$_internalSetWindowFields';
  readonly #source: Stage;
  readonly #partition: ExpressionOrder | undefined;
  readonly #fields: readonly WindowField[];
  readonly #tree = new FieldTree();
  readonly #scope = new Scope(noDocument, 0);
  #runs: readonly WindowRun[] = [];
  #results: MaybeValue[] = [];
  /** Of the current partition, from position `#at` on. */
  #documents: HeldDocument[] = [];
  #first = 0;
  #at = 0;
  #heldBytes = 0;
  #key: Buffer | undefined;
  /** The partition has no more documents. */
  #isWhole = true;
  /** The first document of the next partition. */
  #pending: HeldDocument | undefined;
  #sourceIsDone = false;
  #peakBytes = 0;

  constructor(
    source: Stage,
    partition: ExpressionOrder | undefined,
    fields: readonly WindowField[],
  ) {
    super([source]);
    this.#source = source;
    this.#partition = partition;
    this.#fields = fields;
    fields.forEach(({ path }, at) => {
      const result: Expression = { isConstant: false, evaluate: () => this.#results[at] };
      this.#tree.set(path, result);
    });
  }

  override explainCounters(): Record<string, unknown> {
    return { maxTotalMemoryUsageBytes: this.#peakBytes };
  }

  work(): WorkResult {
    if (this.#first < this.#documents.length) {
      if (this.#runs.every((run) => run.isReady(this.#at, this.#isWhole))) return this.#emit();
    } else if (this.#isWhole) {
      if (this.#pending !== undefined) {
        this.#startPartition(this.#pending);
        return Work.needTime;
      }
      if (this.#sourceIsDone) return Work.done;
    }
    return this.#pull();
  }

  #pull(): WorkResult {
    const source = this.#source;
    const result = source.work();
    if (result === Work.needTime) return result;
    if (result === Work.done) {
      this.#sourceIsDone = true;
      this.#isWhole = true;
      return Work.needTime;
    }
    const key = this.#partition?.keyOf(source.buffer, source.start, source.metadata);
    const document = {
      buffer: Buffer.from(
        source.buffer.subarray(source.start, documentEnd(source.buffer, source.start)),
      ),
      metadata: source.metadata,
    };
    // Nothing is pulled while a partition is whole and has documents left: this is the very first.
    if (this.#isWhole) this.#startPartition(document);
    else if (key === undefined || this.#key?.equals(key) === true) this.#add(document);
    else {
      this.#pending = document;
      this.#isWhole = true;
    }
    this.#key = key;
    return Work.needTime;
  }

  #startPartition(document: HeldDocument): void {
    this.#runs = this.#fields.map((field) => field.function.start());
    this.#documents = [];
    this.#first = 0;
    this.#at = 0;
    this.#heldBytes = 0;
    this.#isWhole = this.#sourceIsDone;
    this.#pending = undefined;
    this.#add(document);
  }

  #add(document: HeldDocument): void {
    this.#documents.push(document);
    this.#heldBytes += document.buffer.length + documentOverheadBytes;
    const scope = this.#scope;
    scope.buffer = document.buffer;
    scope.start = 0;
    scope.metadata = document.metadata;
    let used = this.#heldBytes;
    for (const run of this.#runs) {
      run.add(scope);
      used += run.heldBytes;
    }
    if (used > this.#peakBytes) this.#peakBytes = used;
    if (used <= memoryLimitBytes) return;
    throw new MongoServerError(
      5643011,
      `Exceeded max memory. Current memory: ${used} bytes. Max allowed memory: ${memoryLimitBytes} bytes`,
    );
  }

  #emit(): WorkResult {
    const { buffer, metadata } = this.#documents[this.#first]!;
    const at = this.#at++;
    this.#results = this.#runs.map((run) => run.result(at));
    this.#drop(buffer.length);
    const writer = new DocumentWriter();
    writer.startDocument();
    this.#tree.write(writer, buffer, 0, this.#scope);
    writer.end();
    this.buffer = writer.finish();
    this.start = 0;
    this.metadata = metadata;
    this.stats.advanced++;
    return Work.advanced;
  }

  #drop(bytes: number): void {
    this.#first++;
    this.#heldBytes -= bytes + documentOverheadBytes;
    if (this.#first < 1024 || this.#first * 2 < this.#documents.length) return;
    this.#documents = this.#documents.slice(this.#first);
    this.#first = 0;
  }
}

/** The same expression, whose values say which partition a document belongs to. */
export function partitionKey(expression: Expression): Expression {
  return {
    isConstant: expression.isConstant,
    evaluate(scope) {
      const value = expression.evaluate(scope);
      if (value?.type !== BsonType.array) return value;
      throw new MongoServerError(
        'TypeMismatch',
        'An expression used to partition cannot evaluate to value of type array',
      );
    },
  };
}
