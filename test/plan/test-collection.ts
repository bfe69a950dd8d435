import {
  decodeDocument,
  encodeDocument,
  encodeValue,
  type RawValue,
} from '../../src/bson/index.ts';
import { entriesOf } from '../../src/database/indexes/index-entries.ts';
import { indexFromSpec } from '../../src/database/indexes/index-spec.ts';
import {
  type Hint,
  PlanExecutor,
  planQuery,
  type QueryPlan,
  type QueryRequest,
  type Stage,
} from '../../src/plan/index.ts';
import { parseFilter, parseProjection, parseSort } from '../../src/query/index.ts';
import {
  type CollectionInfo,
  type Engine,
  type IndexInfo,
  insertIndexKey,
  makeCollectionInfo,
  openMemoryEngine,
  putRecord,
} from '../../storage/index.ts';

export type Document = Record<string, unknown>;

export interface IndexSpec {
  readonly key: Record<string, 1 | -1 | 'hashed'>;
  readonly name?: string;
  readonly unique?: boolean;
  readonly [option: string]: unknown;
}

/** A collection of the test: its description and the engine it lies in. */
export interface TestCollection {
  readonly engine: Engine;
  readonly info: CollectionInfo;
}

/** Builds a collection with the storage's own functions; record ids count from 1. */
export async function collectionOf(
  documents: readonly (Document | Buffer)[],
  specs: readonly IndexSpec[] = [],
  engine: Engine = openMemoryEngine(),
): Promise<TestCollection> {
  const indexes = [{ key: { _id: 1 as const }, unique: true }, ...specs].map(
    (spec: IndexSpec, at): IndexInfo => {
      const name = Object.entries(spec.key).flat().join('_');
      const index = indexFromSpec(100 + at, encodeDocument({ v: 2, name, ...spec }));
      return { ...index, isIdIndex: at === 0 };
    },
  );
  const parts = {
    id: 7,
    uuid: Buffer.alloc(16, 1),
    namespace: 'test.things',
    options: encodeDocument({}),
  };
  const before = makeCollectionInfo({ ...parts, indexes });
  const multikey = indexes.map((index) => index.keyPattern.map(() => false));
  for (let from = 0; from < documents.length; from += 5000) {
    await engine.write((transaction) => {
      documents.slice(from, from + 5000).forEach((document, offset) => {
        const recordId = from + offset + 1;
        const bytes = Buffer.isBuffer(document)
          ? document
          : encodeDocument('_id' in document ? document : { _id: recordId, ...document });
        putRecord(transaction, before, recordId, bytes);
        indexes.forEach((index, at) => {
          const found = entriesOf(index, bytes, 0);
          for (const { keyString, typeBits } of found.keys) {
            insertIndexKey(transaction, index, keyString, typeBits, recordId);
          }
          found.multikey.forEach((isMultikey, field) => {
            if (isMultikey) multikey[at]![field] = true;
          });
        });
      });
    });
  }
  const info = makeCollectionInfo({
    ...parts,
    indexes: indexes.map((index, at) => ({ ...index, multikeyPaths: multikey[at]! })),
  });
  return { engine, info };
}

export interface Query {
  readonly filter?: Document;
  readonly sort?: Record<string, 1 | -1>;
  readonly skip?: number;
  readonly limit?: number;
  readonly hint?: Hint;
  readonly projection?: Document;
  readonly countOnly?: boolean;
  readonly tailable?: boolean;
}

export function requestOf(info: CollectionInfo | undefined, query: Query): QueryRequest {
  const { filter = {}, sort, projection, ...rest } = query;
  return {
    collection: info,
    filter: parseFilter(encodeDocument(filter), 0),
    ...(sort === undefined ? {} : { sort: parseSort(encodeDocument(sort), 0) }),
    ...(projection === undefined
      ? {}
      : {
          projection: parseProjection(encodeDocument(projection), 0),
          projectionSpec: projection,
        }),
    ...rest,
  };
}

export function planOf(collection: TestCollection, query: Query): QueryPlan {
  return planQuery(requestOf(collection.info, query));
}

export function executorOf(collection: TestCollection, query: Query): PlanExecutor {
  return new PlanExecutor(planOf(collection, query).root, collection.engine.latest);
}

/** All results of a query. */
export async function find(collection: TestCollection, query: Query = {}): Promise<Document[]> {
  return resultsOf(executorOf(collection, query));
}

export async function resultsOf(executor: PlanExecutor): Promise<Document[]> {
  const results: Document[] = [];
  const collect = (stage: Stage): boolean => {
    results.push({ ...decodeDocument(stage.buffer, stage.start) });
    return true;
  };
  await executor.forEach(collect);
  return results;
}

export async function idsOf(collection: TestCollection, query: Query = {}): Promise<unknown[]> {
  return (await find(collection, query)).map((document) => document._id);
}

/** The names of the stages from the root down the first inputs. */
export function stageNames(plan: QueryPlan): string[] {
  const names: string[] = [];
  for (let stage = plan.root; stage !== undefined; stage = stage.children[0]!)
    names.push(stage.name);
  return names;
}

export function bsonOf(value: unknown): RawValue {
  return encodeValue(value);
}
