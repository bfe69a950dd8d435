import { BsonType, ElementReader, readDecimal, toNumber, valueText } from '../../../bson/index.ts';
import { MongoServerError } from '../../../errors/index.ts';
import {
  compareMaybe,
  elementsOf,
  isNumber,
  type TimeUnit,
  textOf,
  timeUnitNamed,
  type Value,
} from '../../../expressions/index.ts';
import type { WindowContext } from './window-function.ts';

export type Bound<Step> = 'unbounded' | 'current' | Step;

/** Documents before (negative) and behind the current one. */
export interface DocumentBounds {
  readonly kind: 'documents';
  readonly lower: Bound<number>;
  readonly upper: Bound<number>;
}

/** How far the values of the sort field may lie from that of the current document. */
export interface RangeBounds {
  readonly kind: 'range';
  readonly lower: Bound<Value>;
  readonly upper: Bound<Value>;
  /** Of dates; undefined: the values are numbers. */
  readonly unit: TimeUnit | undefined;
}

export type WindowBounds = DocumentBounds | RangeBounds;

const wholePartition: DocumentBounds = {
  kind: 'documents',
  lower: 'unbounded',
  upper: 'unbounded',
};

export function failedToParse(message: string): MongoServerError {
  return new MongoServerError('FailedToParse', message);
}

/** Of the element `window`; without one, the partition. */
export function readBounds(window: Value | undefined, context: WindowContext): WindowBounds {
  if (window === undefined) return wholePartition;
  if (window.type !== BsonType.object) throw failedToParse("'window' field must be an object");
  const given: { documents?: Value; range?: Value; unit?: Value } = {};
  const reader = new ElementReader(window.buffer, window.start);
  while (reader.next()) {
    const name = reader.name();
    if (name !== 'documents' && name !== 'range' && name !== 'unit') {
      throw failedToParse(
        "'window' field can only contain 'documents' as the only argument or 'range' with an optional 'unit' field",
      );
    }
    given[name] = reader.value();
  }
  const { documents, range, unit } = given;
  if (documents !== undefined && range !== undefined) {
    throw failedToParse("Window bounds can specify either 'documents' or 'range', not both.");
  }
  if (documents !== undefined && unit !== undefined) {
    throw failedToParse("Window bounds can specify either 'documents' or 'unit', not both.");
  }
  if (documents !== undefined) return readDocumentBounds(documents, context);
  if (range !== undefined) return readRangeBounds(range, unit, context);
  if (unit === undefined) return wholePartition;
  throw failedToParse("Window bounds can only specify 'unit' with range-based bounds.");
}

function readPair(kind: string, value: Value): readonly [Value, Value] {
  const elements = value.type === BsonType.array ? elementsOf(value) : [];
  if (elements.length !== 2) {
    throw failedToParse(`Window bounds must be a 2-element array: ${kind}: ${valueText(value)}`);
  }
  return elements as unknown as readonly [Value, Value];
}

function readBound<Step>(value: Value, step: (number: Value) => Step): Bound<Step> {
  if (value.type === BsonType.string) {
    const text = textOf(value);
    if (text === 'unbounded' || text === 'current') return text;
    throw failedToParse("Window bounds must be 'unbounded', 'current', or a number.");
  }
  if (isNumber(value)) return step(value);
  throw failedToParse("Window bounds must be 'unbounded', 'current', or a number.");
}

function wholeNumber(value: Value): number {
  const number = toNumber(value.buffer, value.type, value.start);
  const isExact =
    value.type !== BsonType.decimal || readDecimal(value.buffer, value.start).kind === 'finite';
  if (isExact && Number.isInteger(number)) return number;
  throw failedToParse('Numeric document-based bounds must be an integer');
}

function checkOrder(isReversed: boolean, kind: string, value: Value): void {
  if (!isReversed) return;
  throw new MongoServerError(
    5339900,
    `Lower bound must not exceed upper bound: ${kind}: ${valueText(value)}`,
  );
}

function readDocumentBounds(value: Value, { order }: WindowContext): DocumentBounds {
  const [from, to] = readPair('documents', value);
  const lower = readBound(from, wholeNumber);
  const upper = readBound(to, wholeNumber);
  const isReversed = (stepOf(lower) ?? -Infinity) > (stepOf(upper) ?? Infinity);
  checkOrder(isReversed, 'documents', value);
  const isWhole = lower === 'unbounded' && upper === 'unbounded';
  if (order === undefined && !isWhole) {
    throw new MongoServerError(5339901, 'Document-based bounds require a sortBy');
  }
  return { kind: 'documents', lower, upper };
}

/** Undefined: unbounded. */
export function stepOf(bound: Bound<number>): number | undefined {
  if (bound === 'unbounded') return undefined;
  return bound === 'current' ? 0 : bound;
}

function readRangeBounds(
  value: Value,
  unitValue: Value | undefined,
  { order }: WindowContext,
): RangeBounds {
  const unit = unitValue && readUnit(unitValue);
  const [from, to] = readPair('range', value);
  const step = (number: Value): Value => {
    if (unit !== undefined) wholeUnits(number);
    return number;
  };
  const lower = readBound(from, step);
  const upper = readBound(to, step);
  const isReversed =
    lower !== 'unbounded' && upper !== 'unbounded' && signedOf(lower) > signedOf(upper);
  checkOrder(isReversed || isGreater(lower, upper), 'range', value);
  if (order?.single === undefined) {
    throw new MongoServerError(5339902, 'Range-based bounds require sortBy a single field');
  }
  if (!order.single.isAscending) {
    throw new MongoServerError(8947401, 'Range-based bounds require an ascending sortBy');
  }
  return { kind: 'range', lower, upper, unit };
}

function wholeUnits(value: Value): void {
  if (Number.isInteger(toNumber(value.buffer, value.type, value.start))) return;
  throw failedToParse("With 'unit', range-based bounds must be an integer");
}

/** What lies behind the current document is positive. */
function signedOf(bound: 'current' | Value): number {
  return bound === 'current' ? 0 : toNumber(bound.buffer, bound.type, bound.start);
}

function isGreater(lower: Bound<Value>, upper: Bound<Value>): boolean {
  return typeof lower === 'object' && typeof upper === 'object' && compareMaybe(lower, upper) > 0;
}

/** The unit of a window, and of `$derivative` and `$integral`. */
export function readUnit(value: Value): TimeUnit {
  if (value.type !== BsonType.string) throw failedToParse("'unit' must be a string");
  const unit = timeUnitNamed(textOf(value));
  if (unit !== undefined) return unit;
  throw failedToParse(`unknown time unit value: ${textOf(value)}`);
}
