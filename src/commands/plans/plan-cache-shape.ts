/** The query shape that the plan cache commands are about: query, sort, projection, collation. */
import { BsonType, decodeDocument, type RawValue } from '../../bson/index.ts';
import { type GivenCollation, parseCollation } from '../../collation/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { anyMoment } from '../../expressions/index.ts';
import type { ShapedQuery } from '../../plan/index.ts';
import { parseFilter, parseProjection, parseSort } from '../../query/index.ts';
import type { CommandBody } from '../dispatch/command-body.ts';

const emptyDocumentLength = 5;

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
  const collation = readShapeCollation(body);
  if (query === undefined) {
    if (sort === undefined && projection === undefined && collation === undefined) return undefined;
    throw new MongoServerError(
      'BadValue',
      'sort, projection and collation take a query they belong to',
    );
  }
  const order = collation ?? undefined;
  const variables = anyMoment.under(order);
  const filter = parseFilter(query.buffer, query.start, { variables, place: 'query' });
  if (projection !== undefined) parseProjection(projection.buffer, projection.start, { filter });
  const projectionSpec = decoded(projection);
  return {
    shape: {
      filter,
      sort: sort && parseSort(sort.buffer, sort.start, order),
      projectionSpec,
    },
    given: {
      query: decoded(query),
      sort: decoded(sort) ?? {},
      projection: projectionSpec ?? {},
      ...(order === undefined ? {} : { collation: order.document }),
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

function readShapeCollation(body: CommandBody): GivenCollation | undefined {
  const value = body.value('collation');
  if (value === undefined) return undefined;
  if (value.type !== BsonType.object) {
    throw new MongoServerError('BadValue', 'field collation must be an object');
  }
  if (value.end - value.start === emptyDocumentLength) {
    throw new MongoServerError('BadValue', 'field collation cannot be an empty object');
  }
  return parseCollation(value);
}

function decoded(value: RawValue | undefined): Record<string, unknown> | undefined {
  return value && decodeDocument(value.buffer, value.start);
}
