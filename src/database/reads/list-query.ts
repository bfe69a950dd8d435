/** A query on a handful of documents in memory (virtual collections). */
import type { RawValue } from '../../bson/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import type { Variables } from '../../expressions/index.ts';
import { parseFilter, parseProjection, parseSort } from '../../query/index.ts';
import type { FindFields } from './find-query.ts';
import { type BatchSource, ListSource } from './list-source.ts';

export function runOnList(
  documents: readonly Buffer[],
  fields: FindFields,
  variables: Variables,
): BatchSource {
  const { min, max, returnKey, showRecordId } = fields;
  if (min !== undefined || max !== undefined || returnKey === true || showRecordId === true) {
    throw new MongoServerError(
      'NotImplemented',
      'a collection the server keeps in memory has no indexes and no record ids',
    );
  }
  return new ListSource(queryList(documents, fields, variables));
}

export function queryList(
  documents: readonly Buffer[],
  fields: FindFields,
  variables: Variables,
): Buffer[] {
  const filter = parsed(fields.filter, (buffer, start) =>
    parseFilter(buffer, start, { variables, place: 'query' }),
  );
  const sort = parsed(fields.sort, (buffer, start) =>
    parseSort(buffer, start, variables.collation),
  );
  const projection = parsed(fields.projection, (buffer, start) =>
    parseProjection(buffer, start, { variables }),
  );
  let found = documents.filter((document) => filter?.matches(document, 0) ?? true);
  if (sort !== undefined) {
    const keyed = found.map((document) => ({ document, key: sort.keyOf(document, 0) }));
    keyed.sort((a, b) => Buffer.compare(a.key, b.key));
    found = keyed.map(({ document }) => document);
  }
  const skip = fields.skip ?? 0;
  const limit = fields.limit || Infinity;
  found = found.slice(skip, skip + limit);
  return projection === undefined ? found : found.map((document) => projection.apply(document, 0));
}

function parsed<T>(
  value: RawValue | undefined,
  parse: (buffer: Buffer, start: number) => T,
): T | undefined {
  return value === undefined ? undefined : parse(value.buffer, value.start);
}
