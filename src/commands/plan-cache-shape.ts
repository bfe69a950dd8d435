/** The query shape that the plan cache commands are about: query, sort, projection, collation. */
import { BsonType, decodeDocument, type RawValue } from '../bson/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { ShapedQuery } from '../plan/index.ts';
import { parseFilter, parseProjection, parseSort } from '../query/index.ts';
import type { CommandBody } from './command-body.ts';

/** The shape, and its parts as the client wrote them. */
export interface GivenShape {
  readonly shape: ShapedQuery;
  readonly given: Record<string, unknown>;
}

/** Undefined without a query; then nothing else of a shape may be there. */
export function readShape(body: CommandBody): GivenShape | undefined {
  const query = part(body, 'query');
  const sort = part(body, 'sort');
  const projection = part(body, 'projection');
  const collation = readCollation(body);
  if (query === undefined) {
    if (sort === undefined && projection === undefined && collation === undefined) return undefined;
    throw new MongoServerError(
      'BadValue',
      'sort, projection and collation take a query they belong to',
    );
  }
  const filter = parseFilter(query.buffer, query.start);
  if (projection !== undefined) parseProjection(projection.buffer, projection.start, { filter });
  const projectionSpec = decoded(projection);
  return {
    shape: {
      filter,
      sort: sort && parseSort(sort.buffer, sort.start),
      projectionSpec,
      collation,
    },
    given: {
      query: decoded(query),
      sort: decoded(sort) ?? {},
      projection: projectionSpec ?? {},
      ...(collation === undefined ? {} : { collation }),
    },
  };
}

/** An array is taken for the document it is in BSON. */
function part(body: CommandBody, field: string): RawValue | undefined {
  const value = body.value(field);
  if (value === undefined || value.type === BsonType.object || value.type === BsonType.array) {
    return value;
  }
  throw new MongoServerError('BadValue', `field ${field} must be an object`);
}

function readCollation(body: CommandBody): Record<string, unknown> | undefined {
  const value = body.value('collation');
  if (value === undefined) return undefined;
  if (value.type !== BsonType.object) {
    throw new MongoServerError('BadValue', 'field collation must be an object');
  }
  const collation = decodeDocument(value.buffer, value.start);
  if (Object.keys(collation).length === 0) {
    throw new MongoServerError('BadValue', 'field collation cannot be an empty object');
  }
  if (collation.locale === undefined) throw body.missing('collation.locale');
  return collation;
}

function decoded(value: RawValue | undefined): Record<string, unknown> | undefined {
  return value && decodeDocument(value.buffer, value.start);
}
