import { DocumentWriter, toNumber } from '../../../bson/index.ts';
import { MongoServerError } from '../../../errors/index.ts';
import {
  type AccumulatorState,
  compareMaybe,
  type Expression,
  isNumber,
  nullValue,
  ownValue,
  Scope,
  typeName,
  type Value,
} from '../../../expressions/index.ts';
import { Sort, type SortKeys, Stage, Work, type WorkResult } from '../../../plan/index.ts';
import { ExpressionOrder } from '../expression-order.ts';
import type { BucketAutoOptions } from './bucket-auto.ts';
import type { Granularity } from './granularity.ts';

const noDocument = Buffer.from([5, 0, 0, 0, 0]);

/** The bucket that is being filled. */
interface Bucket {
  readonly min: Value;
  max: Value;
  documents: number;
  readonly states: readonly AccumulatorState[];
  /** Set when it has its share and takes no more but what lies below this, or on its greatest value. */
  boundary: Value | undefined;
}

/** What of documents and accumulators a bucket may hold, in bytes. */
const bucketMemoryLimitBytes = 100 * 1024 * 1024;

/**
 * Sorts by the value of `groupBy`, counting, and then deals the documents out: a bucket has its share and
 * every further document of the same value. With a granularity its upper boundary is rounded up, and what
 * falls below that belongs to it too.
 */
export class BucketAutoStage extends Stage {
  readonly name = '$bucketAuto';
  readonly #sorted: Sort;
  readonly #order: CountedOrder;
  readonly #options: BucketAutoOptions;
  readonly #groupBy: Expression;
  readonly #scope = new Scope(noDocument, 0);
  /** Documents a bucket gets at least; 0 before the first is dealt out. */
  #share = 0;
  #started = 0;
  #bucket: Bucket | undefined;
  #isDone = false;

  constructor(source: Stage, options: BucketAutoOptions) {
    const { granularity, groupBy, collation } = options;
    const key = granularity === undefined ? groupBy : checkedNumber(groupBy);
    const order = new CountedOrder(new ExpressionOrder(key, collation));
    const sorted = new Sort(source, order, 0, {});
    super([sorted]);
    this.#sorted = sorted;
    this.#order = order;
    this.#options = options;
    this.#groupBy = groupBy;
  }

  work(): WorkResult {
    if (this.#isDone) return Work.done;
    const result = this.#sorted.work();
    if (result === Work.needTime) return result;
    if (result === Work.done) {
      this.#isDone = true;
      if (this.#bucket === undefined) return Work.done;
      this.#bucket.max = this.#upperBoundary(this.#bucket, undefined);
      return this.#emit(this.#bucket);
    }
    return this.#deal();
  }

  #deal(): WorkResult {
    const { buckets, collation } = this.#options;
    if (this.#share === 0) this.#share = Math.max(1, Math.round(this.#order.total / buckets));
    const scope = this.#scope;
    scope.buffer = this.#sorted.buffer;
    scope.start = this.#sorted.start;
    scope.metadata = this.#sorted.metadata;
    const value = this.#groupBy.evaluate(scope) ?? nullValue;
    const full = this.#bucket;
    if (full === undefined) {
      this.#bucket = this.#startBucket(value, undefined);
      this.#add(this.#bucket, value);
      return Work.needTime;
    }
    const isLast = this.#started === buckets;
    if (isLast || full.documents < this.#share) {
      this.#add(full, value);
      return Work.needTime;
    }
    if (this.#options.granularity === undefined) {
      if (compareMaybe(full.max, value, collation) === 0) {
        this.#add(full, value);
        return Work.needTime;
      }
    } else {
      full.boundary ??= this.#options.granularity.roundUp(full.max);
      if (compareMaybe(full.boundary, value) > 0) {
        this.#add(full, value);
        return Work.needTime;
      }
    }
    full.max = this.#upperBoundary(full, value);
    this.#bucket = this.#startBucket(value, full.max);
    this.#add(this.#bucket, value);
    return this.#emit(full);
  }

  /** `next` is the first value of the bucket behind it, if there is one. */
  #upperBoundary({ max, boundary }: Bucket, next: Value | undefined): Value {
    const { granularity } = this.#options;
    if (granularity === undefined) return next === undefined ? max : ownValue(next);
    const rounded = boundary ?? granularity.roundUp(max);
    const isZero = toNumber(rounded.buffer, rounded.type, rounded.start) === 0;
    return isZero && next !== undefined ? ownValue(granularity.roundDown(next)) : rounded;
  }

  #startBucket(value: Value, previousMax: Value | undefined): Bucket {
    this.#started++;
    const own = ownValue(value);
    const group = new Scope(noDocument, 0);
    return {
      min: this.#lowerBoundary(own, previousMax, this.#options.granularity),
      max: own,
      documents: 0,
      states: this.#options.fields.map((field) => field.start(group)),
      boundary: undefined,
    };
  }

  #lowerBoundary(
    value: Value,
    previousMax: Value | undefined,
    granularity: Granularity | undefined,
  ): Value {
    if (granularity === undefined) return value;
    return previousMax ?? granularity.roundDown(value);
  }

  #add(bucket: Bucket, value: Value): void {
    bucket.documents++;
    bucket.max = ownValue(value);
    let heldBytes = 0;
    const { fields } = this.#options;
    for (let at = 0; at < fields.length; at++) {
      const { argument, sortKey } = fields[at]!;
      const state = bucket.states[at]!;
      state.add(argument.evaluate(this.#scope), sortKey?.(this.#scope));
      heldBytes += state.heldBytes;
    }
    if (heldBytes <= bucketMemoryLimitBytes) return;
    throw new MongoServerError(
      'ExceededMemoryLimit',
      `$bucketAuto used too much memory and cannot spill its accumulators: ${heldBytes} bytes, limit ${bucketMemoryLimitBytes}`,
    );
  }

  #emit({ min, max, states }: Bucket): WorkResult {
    const writer = new DocumentWriter();
    writer.startDocument();
    writer.startObject('_id');
    writer.raw('min', min);
    writer.raw('max', max);
    writer.endObject();
    for (let at = 0; at < states.length; at++) {
      writer.raw(this.#options.fields[at]!.name, states[at]!.result());
    }
    writer.end();
    this.buffer = writer.finish();
    this.start = 0;
    this.stats.advanced++;
    return Work.advanced;
  }
}

/** An order that counts what it orders. */
class CountedOrder implements SortKeys {
  readonly #order: SortKeys;
  total = 0;

  constructor(order: SortKeys) {
    this.#order = order;
  }

  keyOf(...document: Parameters<SortKeys['keyOf']>): Buffer {
    this.total++;
    return this.#order.keyOf(...document);
  }
}

/** The same expression, of which every value must be a number that can be rounded. */
function checkedNumber(expression: Expression): Expression {
  return {
    isConstant: expression.isConstant,
    evaluate(scope) {
      const value = expression.evaluate(scope);
      if (value === undefined || !isNumber(value)) {
        throw new MongoServerError(
          40258,
          `$bucketAuto can specify a 'granularity' with numeric boundaries only, but found a value with type: ${typeName(value)}`,
        );
      }
      const number = toNumber(value.buffer, value.type, value.start);
      if (Number.isNaN(number)) {
        throw new MongoServerError(
          40259,
          "$bucketAuto can specify a 'granularity' with numeric boundaries only, but found a NaN",
        );
      }
      if (number < 0) {
        throw new MongoServerError(
          40260,
          "$bucketAuto can specify a 'granularity' with non-negative numbers only, but found a negative number",
        );
      }
      return value;
    },
  };
}
