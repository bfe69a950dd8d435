import { BsonType, type Collation } from '../bson/index.ts';
import { dateValue, type MaybeValue, type Value } from './value.ts';

/** The moment an operation runs at. */
export interface OperationTimes {
  /** Milliseconds since 1970: `$$NOW`. */
  readonly now: number;
  /** `$$CLUSTER_TIME`; undefined where there is none. */
  readonly clusterTime?: { readonly t: number; readonly i: number } | undefined;
}

const noNames: ReadonlyMap<string, MaybeValue> = new Map();

/**
 * What the expressions of one operation may name beside the document and variables of their own: the
 * times of the operation, and the constants a command brings (`let`, the `c` of an update). All are the
 * same for every document, so a parsed expression holds their values. With them goes the collation its
 * comparisons are made by.
 */
export class Variables {
  readonly #times: (() => OperationTimes) | undefined;
  readonly #named: ReadonlyMap<string, MaybeValue>;
  /** Undefined: strings are compared byte by byte. */
  readonly collation: Collation | undefined;
  #read: OperationTimes | undefined;

  /** `times` is asked at most once, and only by an operation that needs it. */
  constructor(
    times: (() => OperationTimes) | undefined,
    named: ReadonlyMap<string, MaybeValue> = noNames,
    collation?: Collation,
  ) {
    this.#times = times;
    this.#named = named;
    this.collation = collation;
  }

  has(name: string): boolean {
    return this.#named.has(name);
  }

  get(name: string): MaybeValue {
    return this.#named.get(name);
  }

  get now(): Value | undefined {
    const times = this.#current();
    return times && dateValue(BigInt(Math.trunc(times.now)));
  }

  get clusterTime(): Value | undefined {
    const time = this.#current()?.clusterTime;
    if (time === undefined) return undefined;
    const buffer = Buffer.allocUnsafe(8);
    buffer.writeUInt32LE(time.i, 0);
    buffer.writeUInt32LE(time.t, 4);
    return { buffer, type: BsonType.timestamp, start: 0, end: 8 };
  }

  /** These and further constants; of one name the new one counts. */
  with(named: ReadonlyMap<string, MaybeValue>): Variables {
    const all = new Map([...this.#named, ...named]);
    return new Variables(this.#times && (() => this.#current()!), all, this.collation);
  }

  /** The same under a collation. */
  under(collation: Collation | undefined): Variables {
    if (collation === this.collation) return this;
    return new Variables(this.#times && (() => this.#current()!), this.#named, collation);
  }

  #current(): OperationTimes | undefined {
    this.#read ??= this.#times?.();
    return this.#read;
  }
}

/** Where expressions are only checked, or only their shape is asked for: times are known, but not which. */
export const anyMoment = new Variables(() => ({ now: 0, clusterTime: { t: 0, i: 0 } }));

/** Of an expression that belongs to no operation. */
export const noVariables = new Variables(undefined);
