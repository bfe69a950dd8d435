/** A collection in memory with random documents and indexes, and what a case does to it. */
import {
  copyDocument,
  decodeDocument,
  ElementReader,
  encodeDocument,
} from '../../src/bson/index.ts';
import {
  createIndexes,
  existingCollection,
  type FindFields,
  insertMany,
  openFind,
} from '../../src/database/index.ts';
import { MongoServerError } from '../../src/errors/index.ts';
import { scanRecords } from '../../storage/index.ts';
import { openPrimary, operation, raw, type TestMember } from '../database/support/member.ts';
import type { RandomIndex } from './indexes.ts';
import type { Query } from './queries.ts';
import type { Fields } from './values.ts';
import type { RandomWrite } from './writes.ts';

/** What one seed makes; plain data, so that it can be made smaller and printed. */
export interface WorldPlan {
  readonly documents: readonly Fields[];
  readonly indexes: readonly RandomIndex[];
  readonly queries: readonly Query[];
  readonly writes: readonly RandomWrite[];
}

/** Something that must never happen. */
export class RuleBroken extends Error {
  readonly rule: string;

  constructor(rule: string, detail: string) {
    super(`${rule}: ${detail}`);
    this.rule = rule;
  }
}

export const namespace = 'fuzz.things';

export interface World extends TestMember {
  /** Those that could be made. */
  readonly indexes: readonly RandomIndex[];
}

/** Every second index is there before the documents, the others are built from them. */
export async function openWorld({ documents, indexes }: WorldPlan): Promise<World> {
  const member = await openPrimary();
  const { database } = member;
  const made: RandomIndex[] = [];
  const make = async (index: RandomIndex) => {
    const error = await refusal(() =>
      createIndexes(database, operation(), namespace, [raw({ ...index })]),
    );
    if (error === undefined) made.push(index);
  };
  const isEarly = (_: RandomIndex, at: number) => at % 2 === 0;
  for (const index of indexes.filter(isEarly)) await make(index);
  await insertMany(database, operation(), {
    namespace,
    documents: documents.map(raw),
    ordered: false,
  });
  for (const index of indexes.filter((index, at) => !isEarly(index, at))) await make(index);
  return { ...member, indexes: made };
}

/** The error a client would be told; any other is a fault and goes on. */
export async function refusal(run: () => unknown): Promise<MongoServerError | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    if (isRefusal(error)) return error;
    throw error;
  }
}

export function isRefusal(error: unknown): error is MongoServerError {
  return error instanceof MongoServerError && error.codeName !== 'InternalError';
}

/** Where the value stands in `{documents: [...]}`. */
const documentsStart = 4 + 1 + 'documents\0'.length;

/** The documents a query finds, in its order. */
export async function find({ database }: TestMember, fields: FindFields): Promise<Buffer[]> {
  const cursor = openFind(database, 'local', namespace, fields);
  try {
    const found: Buffer[] = [];
    for (;;) {
      const { documents, isExhausted } = await cursor.nextBatch({ maxDocuments: 1_000 });
      const reader = new ElementReader(encodeDocument({ documents }), documentsStart);
      while (reader.next()) found.push(copyDocument(reader.buffer, reader.start));
      if (isExhausted) return found;
    }
  } finally {
    cursor.close();
  }
}

/** Copies of all documents, in the order of the collection. */
export function allDocuments(world: TestMember): Buffer[] {
  const cursor = scanRecords(world.engine.latest, collectionOf(world));
  const documents: Buffer[] = [];
  while (cursor.next()) documents.push(copyDocument(cursor.buffer, cursor.start));
  cursor.close();
  return documents;
}

export function collectionOf({ database }: TestMember) {
  return existingCollection(database.catalog, namespace);
}

export function bytesOf(fields: Fields): Buffer {
  return encodeDocument(fields);
}

/** Documents as text. */
export function show(documents: readonly Buffer[]): string {
  return JSON.stringify(
    documents.map((document) => decodeDocument(document, 0)),
    (_, value) => (typeof value === 'bigint' ? `${value}n` : value),
  );
}
