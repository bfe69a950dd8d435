import { BsonType, type Collation } from '../bson/index.ts';
import type { Scripts } from './scripts.ts';
import { dateValue, type MaybeValue, type Value } from './value.ts';

/** The moment an operation runs at. */
export interface OperationTimes {
  /** Milliseconds since 1970: `$$NOW`. */
  readonly now: number;
  /** `$$CLUSTER_TIME`; undefined where there is none. */
  readonly clusterTime?: { readonly t: number; readonly i: number } | undefined;
}

/**
 * A variable that has no value yet, as the pipeline that names it is only checked: those of a `$lookup`
 * get theirs from each document, and the pipeline is read anew with them.
 */
export class Unbound {
  /** An expression names it. */
  isUsed = false;
}

type Named = MaybeValue | Unbound;

const noNames: ReadonlyMap<string, Named> = new Map();

/**
 * What the expressions of one operation may name beside the document and variables of their own: the
 * times of the operation, and the constants a command brings (`let`, the `c` of an update). All are the
 * same for every document, so a parsed expression holds their values. With them go the collation its
 * comparisons are made by, and the realm its JavaScript runs in.
 */
export class Variables {
  readonly #times: (() => OperationTimes) | undefined;
  readonly #named: ReadonlyMap<string, Named>;
  /** Undefined: strings are compared byte by byte. */
  readonly collation: Collation | undefined;
  readonly #scripts: (() => Scripts) | undefined;
  /** False: `$function` has no place here (validators). */
  readonly takesFunctions: boolean;
  #read: OperationTimes | undefined;

  /** `times` is asked at most once, and only by an operation that needs it. */
  constructor(
    times: (() => OperationTimes) | undefined,
    named: ReadonlyMap<string, Named> = noNames,
    collation?: Collation,
    scripts?: () => Scripts,
    takesFunctions = true,
  ) {
    this.#times = times;
    this.#named = named;
    this.collation = collation;
    this.#scripts = scripts;
    this.takesFunctions = takesFunctions;
  }

  /** Undefined where the server runs no JavaScript. */
  get scripts(): Scripts | undefined {
    return this.#scripts?.();
  }

  has(name: string): boolean {
    return this.#named.has(name);
  }

  get(name: string): Named {
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
  with(named: ReadonlyMap<string, Named>): Variables {
    const all = new Map([...this.#named, ...named]);
    return this.#copy(all, this.collation);
  }

  /** The same under a collation. */
  under(collation: Collation | undefined): Variables {
    if (collation === this.collation) return this;
    return this.#copy(this.#named, collation);
  }

  /** The same for a validator. */
  withoutFunctions(): Variables {
    const times = this.#times && (() => this.#current()!);
    return new Variables(times, this.#named, this.collation, undefined, false);
  }

  #copy(named: ReadonlyMap<string, Named>, collation: Collation | undefined): Variables {
    const times = this.#times && (() => this.#current()!);
    return new Variables(times, named, collation, this.#scripts, this.takesFunctions);
  }

  #current(): OperationTimes | undefined {
    this.#read ??= this.#times?.();
    return this.#read;
  }
}

export const neverRun = (): never => {
  throw new Error('an expression that is only checked was evaluated');
};

/** Where expressions are only checked, or only their shape is asked for: times are known, but not which. */
export const anyMoment = new Variables(
  () => ({ now: 0, clusterTime: { t: 0, i: 0 } }),
  noNames,
  undefined,
  () => ({ compile: () => ({ call: neverRun, test: neverRun }) }),
);

/** Of an expression that belongs to no operation. */
export const noVariables = new Variables(undefined);
