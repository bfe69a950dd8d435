/** Reads that answer one value, not a cursor. To their expressions `$$NOW` is not known, as in MongoDB. */
import { oplogSize, readStat } from '../../../storage/index.ts';
import {
  BsonType,
  type Collation,
  compareValues,
  DocumentWriter,
  hashValue,
  type RawValue,
} from '../../bson/index.ts';
import type { GivenCollation } from '../../collation/index.ts';
import { during, MongoServerError } from '../../errors/index.ts';
import { noVariables } from '../../expressions/index.ts';
import {
  checkWithoutCollection,
  nextTurn,
  PlanExecutor,
  type PlannedSettings,
  parseHint,
  SliceClock,
  type Stage,
  sortInSlices,
} from '../../plan/index.ts';
import { distinctValues, parseFilter } from '../../query/index.ts';
import { effectiveCollation } from '../collections/collection-collation.ts';
import type { Database } from '../database.ts';
import type { OperationContext } from '../operation-context.ts';
import { variablesWithoutTimes } from '../operation-variables.ts';
import { collectionIn, planFind } from './find-query.ts';
import { queryList } from './list-query.ts';
import type { ReadLevel } from './read-view.ts';

export interface CountRequest {
  readonly namespace: string;
  readonly filter: RawValue | undefined;
  readonly hint: RawValue | undefined;
  readonly skip: number;
  readonly limit: number;
  readonly collation?: GivenCollation | undefined;
}

/** A count without a filter is read off the statistics. */
export async function countDocuments(
  database: Database,
  operation: OperationContext,
  level: ReadLevel,
  request: CountRequest,
): Promise<number> {
  const { namespace, filter, hint, skip, limit, collation } = request;
  const list = database.virtualCollections.get(namespace)?.documents;
  if (list !== undefined) {
    const variables = noVariables.under(collation ?? undefined);
    return queryList(list(), { filter, skip, limit }, variables).length;
  }
  const view = database.readView(level);
  try {
    const collection = collectionIn(database, view, namespace);
    if (collection === undefined) {
      if (filter !== undefined) {
        const variables = variablesWithoutTimes(database, operation);
        const parsed = parseFilter(filter.buffer, filter.start, { variables, place: 'query' });
        checkWithoutCollection(parsed, namespace);
      }
      return 0;
    }
    if (
      parseHint(hint) === undefined &&
      (filter === undefined || filter.end - filter.start === 5)
    ) {
      const { count } =
        collection.table === 'oplog'
          ? oplogSize(view.reader)
          : readStat(view.reader, collection.id);
      const rest = Math.max(0, count - skip);
      return limit === 0 ? rest : Math.min(limit, rest);
    }
    const variables = variablesWithoutTimes(database, operation);
    const fields = { filter, hint, skip, limit, collation, variables };
    const plan = planFind(database, namespace, collection, fields, { reader: view.reader });
    const executor = new PlanExecutor(plan.root, view.reader);
    const count = await executor.count(operation.interrupt);
    plan.finished();
    return count;
  } finally {
    view.close();
  }
}

export interface DistinctRequest {
  readonly namespace: string;
  readonly path: string;
  readonly filter: RawValue | undefined;
  readonly hint: RawValue | undefined;
  readonly collation?: GivenCollation | undefined;
  readonly settings?: PlannedSettings | undefined;
}

const distinctBytesMax = 16 * 1024 * 1024;
/** Values written between two looks at the clock. */
const valuesPerLook = 64;

/** The different values in their order, as an array; throws when they do not fit into a reply. */
export async function distinctOf(
  database: Database,
  operation: OperationContext,
  level: ReadLevel,
  request: DistinctRequest,
): Promise<RawValue> {
  const { namespace, path, filter, hint, settings } = request;
  const list = database.virtualCollections.get(namespace)?.documents;
  if (list !== undefined) {
    const collation = request.collation ?? undefined;
    const found = new DistinctValues(collation);
    for (const document of queryList(list(), { filter }, noVariables.under(collation))) {
      found.collect(path, document, 0);
    }
    return await found.sorted(operation);
  }
  const view = database.readView(level);
  try {
    const collection = collectionIn(database, view, namespace);
    const given = request.collation;
    const variables = variablesWithoutTimes(database, operation);
    const fields = { filter, hint, settings, collation: given, variables };
    const plan = planFind(database, namespace, collection, fields, { reader: view.reader });
    const executor = new PlanExecutor(plan.root, view.reader);
    const order = effectiveCollation(given, collection);
    const values = await during('Executor error during distinct command', () =>
      distinctOfResults(executor, operation, path, order),
    );
    plan.finished();
    return values;
  } finally {
    view.close();
  }
}

/** The different values of a path in what a plan finds, as `distinctOf` gives them. */
export async function distinctOfResults(
  executor: PlanExecutor,
  operation: OperationContext,
  path: string,
  collation: Collation | undefined,
): Promise<RawValue> {
  const found = new DistinctValues(collation);
  const collect = ({ buffer, start }: Stage): boolean => {
    found.collect(path, buffer, start);
    return true;
  };
  await executor.forEach(collect, operation.interrupt);
  return await found.sorted(operation);
}

class DistinctValues {
  readonly #byHash = new Map<number, RawValue[]>();
  readonly #collation: Collation | undefined;
  #bytes = 0;

  constructor(collation: Collation | undefined) {
    this.#collation = collation;
  }

  collect(path: string, buffer: Buffer, start: number): void {
    distinctValues(path, buffer, start, (value) => {
      this.#add(value);
    });
  }

  #add(value: RawValue): void {
    const hash = hashValue(value.buffer, value.type, value.start, 0, this.#collation);
    const known = this.#byHash.get(hash);
    if (known?.some((other) => sameValue(value, other, this.#collation)) === true) return;
    const bytes = Buffer.from(value.buffer.subarray(value.start, value.end));
    this.#bytes += bytes.length + 9;
    if (this.#bytes > distinctBytesMax) {
      throw new MongoServerError(17217, 'distinct too big, 16mb cap');
    }
    const copy = { buffer: bytes, type: value.type, start: 0, end: bytes.length };
    if (known === undefined) this.#byHash.set(hash, [copy]);
    else known.push(copy);
  }

  async sorted({ interrupt }: OperationContext): Promise<RawValue> {
    const values: RawValue[] = [];
    for (const known of this.#byHash.values()) for (const value of known) values.push(value);
    const check = () => interrupt.check();
    await sortInSlices(values, (a, b) => compareRaw(a, b, this.#collation), check);
    return arrayOf(values, check);
  }
}

/** There may be a million of them: written in slices. */
async function arrayOf(values: readonly RawValue[], check: () => void): Promise<RawValue> {
  const writer = new DocumentWriter();
  writer.startDocument();
  let clock = new SliceClock();
  for (const [at, value] of values.entries()) {
    writer.raw(String(at), value);
    if (at % valuesPerLook === 0 && clock.isOver()) {
      await nextTurn();
      check();
      clock = new SliceClock();
    }
  }
  writer.end();
  const buffer = writer.finish();
  return { buffer, type: BsonType.array, start: 0, end: buffer.length };
}

function sameValue(a: RawValue, b: RawValue, collation: Collation | undefined): boolean {
  return compareRaw(a, b, collation) === 0 && isSameKind(a.type, b.type);
}

/** null and undefined compare equal to themselves only. */
function isSameKind(a: number, b: number): boolean {
  return a === b || (a !== BsonType.null && b !== BsonType.null);
}

function compareRaw(a: RawValue, b: RawValue, collation: Collation | undefined): number {
  return compareValues(a.buffer, a.type, a.start, b.buffer, b.type, b.start, collation);
}
