import { BsonType, type Collation, ElementReader, valueText } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import {
  type AccumulatorState,
  arrayValue,
  checkSpecification,
  type Expression,
  groupCount,
  type MaybeValue,
  nullValue,
  ownValue,
  type SpecialAccumulator,
  type Value,
} from '../../expressions/index.ts';
import { parseSort, type SortPattern } from '../../query/index.ts';

type End = 'top' | 'bottom';

/** `$top`, `$bottom`, `$topN` and `$bottomN`: the outputs of the documents at one end of an order. */
export function ranked(name: string, end: End, isSingle: boolean): SpecialAccumulator {
  return {
    kind: 'special',
    name,
    parse(argument, context, parse) {
      checkSpecification(name, 5788001, argument);
      const given = readArguments(name, argument, isSingle);
      const n = given.n && parse(given.n, context);
      if (!isSingle && n === undefined) throw missing(5788003, 'n');
      if (given.output === undefined) throw missing(5788004, 'output');
      if (given.sortBy === undefined) throw missing(5788005, 'sortBy');
      const order = orderOf(given.sortBy, context.variables.collation);
      return {
        argument: parse(given.output, context),
        sortKey: (scope) => order.keyOf(scope.buffer, scope.start, scope.metadata),
        start: (group) => startRanking(end, countOf(n, group), isSingle),
      };
    },
  };
}

function countOf(n: Expression | undefined, group: Parameters<Expression['evaluate']>[0]): number {
  return n === undefined ? 1 : groupCount(n.evaluate(group));
}

function missing(code: number, argument: string): MongoServerError {
  return new MongoServerError(code, `Missing value for '${argument}'`);
}

interface RankedArguments {
  n?: Value;
  output?: Value;
  sortBy?: Value;
}

function readArguments(name: string, argument: Value, isSingle: boolean): RankedArguments {
  const given: RankedArguments = {};
  const reader = new ElementReader(argument.buffer, argument.start);
  while (reader.next()) {
    const field = reader.name();
    if (field === 'output' || field === 'sortBy' || (field === 'n' && !isSingle)) {
      given[field] = reader.value();
    } else {
      throw new MongoServerError(5788002, `Unknown argument to ${name} '${field}'`);
    }
  }
  return given;
}

function orderOf(sortBy: Value, collation: Collation | undefined): SortPattern {
  if (sortBy.type !== BsonType.object) {
    throw new MongoServerError(
      10065,
      `invalid parameter: expected an object (sortBy), found: ${valueText(sortBy)}`,
    );
  }
  return parseSort(sortBy.buffer, sortBy.start, collation);
}

interface Ranked {
  readonly key: Buffer;
  readonly value: Value;
}

const entryBytes = 128;

function startRanking(end: End, n: number, isSingle: boolean): AccumulatorState {
  /** In the order of keys; of equal ones the first come first. */
  const kept: Ranked[] = [];
  const state = {
    heldBytes: 0,
    add(value: MaybeValue, key: Buffer) {
      if (kept.length === n) {
        const last = end === 'top' ? kept[n - 1]! : kept[0]!;
        const order = Buffer.compare(key, last.key);
        if (end === 'top' ? order >= 0 : order <= 0) return;
      }
      const own = ownValue(value ?? nullValue);
      kept.splice(placeOf(key), 0, { key, value: own });
      state.heldBytes += own.end + key.length + entryBytes;
      if (kept.length <= n) return;
      const dropped = (end === 'top' ? kept.pop() : kept.shift())!;
      state.heldBytes -= dropped.value.end + dropped.key.length + entryBytes;
    },
    result: () => (isSingle ? kept[0]!.value : arrayValue(kept.map(({ value }) => value))),
  };
  /** Behind those of the same key. */
  function placeOf(key: Buffer): number {
    let low = 0;
    let high = kept.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (Buffer.compare(key, kept[middle]!.key) < 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }
  return state as AccumulatorState;
}
