import {
  BsonType,
  type Collation,
  DocumentWriter,
  readInt64,
  truncateToInteger,
} from '../../../bson/index.ts';
import { MongoServerError } from '../../../errors/index.ts';
import {
  addValues,
  compareMaybe,
  countValue,
  dateValue,
  type Expression,
  FieldTree,
  isNullish,
  isNumber,
  type MaybeValue,
  multiplyValues,
  ownValue,
  Scope,
  shiftDate,
  type TimeUnit,
  type Value,
} from '../../../expressions/index.ts';
import { Sort, type SortKeys, Stage, Work, type WorkResult } from '../../../plan/index.ts';
import { valueAt } from '../../nested-field.ts';
import { ExpressionOrder } from '../expression-order.ts';

/** From `lower` to before `upper`; or between the least and the greatest value, of all or of the partition. */
export type DensifyBounds = 'full' | 'partition' | { readonly lower: Value; readonly upper: Value };

export interface DensifyOptions {
  readonly path: readonly string[];
  /** Of the field. */
  readonly value: Expression;
  readonly partitionPaths: readonly (readonly string[])[];
  /** A document of the values of the partition's fields. */
  readonly partition: Expression;
  readonly step: Value;
  /** Of dates. */
  readonly unit: TimeUnit | undefined;
  readonly bounds: DensifyBounds;
  readonly collation: Collation | undefined;
}

/** MongoDB's internalQueryMaxAllowedDensifyDocs. */
const generatedMax = 500_000;
const noDocument = Buffer.from([5, 0, 0, 0, 0]);

/** Where the new documents of one partition have got to. */
interface Grid {
  readonly key: Buffer;
  /** Of its first document. The values of others are equal, but need not be the same: `1` and `1.0`. */
  readonly partition: readonly MaybeValue[];
  /** Values are this and so many steps; undefined: no document of the partition has had a value. */
  lower: Value | undefined;
  steps: number;
  /** `lower` and `steps` steps. */
  next: Value | undefined;
}

/**
 * Goes through the partitions one by one and in each through the values of the field from the least on. The
 * values that are to be there are the lower bound and whole steps from it.
 */
export class DensifyStage extends Stage {
  readonly name = '$densify';
  readonly #options: DensifyOptions;
  readonly #sorted: Sort;
  readonly #order: ValueOrder;
  readonly #run: Generator<WorkResult, void>;
  readonly #tree = new FieldTree();
  readonly #generatedValues: MaybeValue[] = [];
  readonly #scope = new Scope(noDocument, 0);
  #generated = 0;

  constructor(source: Stage, options: DensifyOptions) {
    const order = new ValueOrder(options);
    const sorted = new Sort(source, order, 0, {});
    super([sorted]);
    this.#options = options;
    this.#sorted = sorted;
    this.#order = order;
    [...options.partitionPaths, options.path].forEach((path, at) => {
      this.#tree.set(path, {
        isConstant: false,
        evaluate: () => this.#generatedValues[at],
      });
    });
    this.#run = this.#documents();
  }

  work(): WorkResult {
    const next = this.#run.next();
    return next.done === true ? Work.done : next.value;
  }

  *#documents(): Generator<WorkResult, void> {
    const sorted = this.#sorted;
    let grid: Grid | undefined;
    for (let result = sorted.work(); result !== Work.done; result = sorted.work()) {
      if (result === Work.needTime) {
        yield result;
        continue;
      }
      const { buffer, start, metadata } = sorted;
      const key = this.#order.partitionKeyOf(buffer, start, metadata);
      if (grid === undefined || !grid.key.equals(key)) {
        if (grid !== undefined) yield* this.#finish(grid);
        grid = this.#startGrid(key, buffer, start);
      }
      const value = this.#order.checkedValue(buffer, start, metadata);
      if (value !== undefined) {
        if (grid.lower === undefined) this.#begin(grid, ownValue(value));
        yield* this.#upTo(grid, value, () => this.#partitionOf(buffer, start));
        if (grid.next !== undefined && compareMaybe(grid.next, value) === 0) this.#step(grid);
      }
      this.buffer = buffer;
      this.start = start;
      this.metadata = metadata;
      this.stats.advanced++;
      yield Work.advanced;
    }
    const { bounds, partitionPaths } = this.#options;
    if (grid !== undefined) yield* this.#finish(grid);
    else if (typeof bounds === 'object' && partitionPaths.length === 0) {
      yield* this.#finish(this.#startGrid(Buffer.alloc(0), noDocument, 0));
    }
  }

  #startGrid(key: Buffer, buffer: Buffer, start: number): Grid {
    const { bounds } = this.#options;
    const partition = this.#partitionOf(buffer, start);
    const grid: Grid = { key, partition, lower: undefined, steps: 0, next: undefined };
    const lower = typeof bounds === 'object' ? bounds.lower : this.#order.least;
    if (bounds !== 'partition' && lower !== undefined) this.#begin(grid, lower);
    return grid;
  }

  #partitionOf(buffer: Buffer, start: number): MaybeValue[] {
    return this.#options.partitionPaths.map((path) => {
      const value = valueAt(buffer, start, path);
      return value && ownValue(value);
    });
  }

  #begin(grid: Grid, lower: Value): void {
    grid.lower = lower;
    grid.next = lower;
  }

  #step(grid: Grid): void {
    const { step, unit } = this.#options;
    grid.steps++;
    const lower = grid.lower!;
    const by = multiplyValues(step, countValue(grid.steps));
    grid.next =
      unit === undefined
        ? addValues(lower, by)
        : dateValue(
            shiftDate(readInt64(lower.buffer, lower.start), unit, truncateToInteger(by) ?? 0n),
          );
  }

  /** What is missing before `value`, within the bounds. */
  *#upTo(
    grid: Grid,
    value: Value,
    partitionOf: () => readonly MaybeValue[],
  ): Generator<WorkResult, void> {
    let partition: readonly MaybeValue[] | undefined;
    const { bounds } = this.#options;
    const upper = typeof bounds === 'object' ? bounds.upper : undefined;
    while (grid.next !== undefined && compareMaybe(grid.next, value) < 0) {
      if (upper !== undefined && compareMaybe(grid.next, upper) >= 0) return;
      partition ??= partitionOf();
      yield* this.#generate(grid, partition);
    }
  }

  /** What is missing behind the last document of a partition. */
  *#finish(grid: Grid): Generator<WorkResult, void> {
    const { bounds } = this.#options;
    if (bounds === 'partition') return;
    const greatest = typeof bounds === 'object' ? bounds.upper : this.#order.greatest;
    if (greatest === undefined) return;
    yield* this.#upTo(grid, greatest, () => grid.partition);
    const isMissing = grid.next !== undefined && compareMaybe(grid.next, greatest) === 0;
    if (bounds === 'full' && isMissing) yield* this.#generate(grid, grid.partition);
  }

  *#generate(grid: Grid, partition: readonly MaybeValue[]): Generator<WorkResult, void> {
    if (++this.#generated > generatedMax) {
      throw new MongoServerError(
        5897900,
        `Generated ${this.#generated} documents in $densify, which is over the limit of ${generatedMax}. Increase the 'internalQueryMaxAllowedDensifyDocs' parameter to allow more generated documents`,
      );
    }
    this.#generatedValues.splice(0, Number.POSITIVE_INFINITY, ...partition, grid.next);
    const writer = new DocumentWriter();
    writer.startDocument();
    this.#tree.write(writer, noDocument, 0, this.#scope);
    writer.end();
    this.buffer = writer.finish();
    this.start = 0;
    this.metadata = undefined;
    this.stats.advanced++;
    this.#step(grid);
    yield Work.advanced;
  }
}

/** Partitions together, in each the values in their order; knows the least and the greatest of all. */
class ValueOrder implements SortKeys {
  least: Value | undefined;
  greatest: Value | undefined;
  readonly #options: DensifyOptions;
  readonly #partitions: ExpressionOrder;
  readonly #values: ExpressionOrder;
  readonly #scope = new Scope(noDocument, 0);

  constructor(options: DensifyOptions) {
    this.#options = options;
    this.#partitions = new ExpressionOrder(options.partition, options.collation);
    this.#values = new ExpressionOrder(options.value, options.collation);
  }

  partitionKeyOf(...document: Parameters<SortKeys['keyOf']>): Buffer {
    return this.#partitions.keyOf(...document);
  }

  keyOf(...document: Parameters<SortKeys['keyOf']>): Buffer {
    const value = this.checkedValue(...document);
    if (value !== undefined) {
      if (this.least === undefined || compareMaybe(value, this.least) < 0) {
        this.least = ownValue(value);
      }
      if (this.greatest === undefined || compareMaybe(value, this.greatest) > 0) {
        this.greatest = ownValue(value);
      }
    }
    return Buffer.concat([this.#partitions.keyOf(...document), this.#values.keyOf(...document)]);
  }

  /** Undefined: null or missing. */
  checkedValue(...[buffer, start, metadata]: Parameters<SortKeys['keyOf']>): Value | undefined {
    const scope = this.#scope;
    scope.buffer = buffer;
    scope.start = start;
    scope.metadata = metadata;
    const value = this.#options.value.evaluate(scope);
    if (isNullish(value)) return undefined;
    if (this.#options.unit === undefined && !isNumber(value!)) {
      throw new MongoServerError(5733201, 'Densify field type must be numeric');
    }
    if (this.#options.unit !== undefined && value!.type !== BsonType.date) {
      throw new MongoServerError(6053600, 'Densify field type must be a date');
    }
    return value;
  }
}
