/** The commands that explain knows, read as it needs them: as a query and what is done with its results. */
import type { RawValue } from '../../bson/index.ts';
import type { FindFields } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { noVariables } from '../../expressions/index.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { type AggregateRequest, readAggregate } from './aggregate.ts';
import { readCount } from './count.ts';
import { readDelete } from './delete.ts';
import { readDistinct } from './distinct.ts';
import { readFind } from './find.ts';
import { readFindAndModify } from './find-and-modify.ts';
import { readUpdate, type UpdateFields } from './update.ts';

export interface ExplainedQuery {
  readonly namespace: string;
  readonly fields: FindFields;
  /** The command, when it has a query shape. */
  readonly shape?: 'find' | 'count' | 'distinct';
  /** The field of a distinct. */
  readonly key?: string;
  /** What is done with what is found. */
  readonly write?: ExplainedWrite;
}

export interface ExplainedWrite {
  readonly isMulti: boolean;
  /** findAndModify. */
  readonly returnsDocument: boolean;
  /** Undefined: it is a delete. */
  readonly update?: UpdateFields;
}

export interface NotExplained {
  /** Name of a command that is there but has no plan, or is not there. */
  readonly notExplained: string;
}

export function readExplained(body: CommandBody): ExplainedQuery | AggregateRequest | NotExplained {
  switch (body.name) {
    case 'find': {
      const { namespace, fields } = readFind(body);
      return { namespace, fields, shape: 'find' };
    }
    case 'aggregate':
      return readAggregate(body);
    case 'count': {
      const { namespace, filter, hint, skip, limit, collation } = readCount(body);
      const fields = { filter, hint, skip, limit, collation, variables: noVariables };
      return { namespace, fields, shape: 'count' };
    }
    case 'distinct': {
      const { namespace, filter, hint, path, collation } = readDistinct(body);
      const fields = { filter, hint, collation, variables: noVariables };
      return { namespace, fields, shape: 'distinct', key: path };
    }
    case 'findAndModify':
    case 'findandmodify':
      return findAndModifyQuery(body);
    case 'update': {
      const update = readUpdate(onlyOne(body, 'updates'));
      const { filter, hint, sort, collation, multi } = update;
      return {
        namespace: body.namespace(),
        fields: { filter, hint, sort, collation, let: body.optionalDocument('let') },
        write: { isMulti: multi, returnsDocument: false, update },
      };
    }
    case 'delete': {
      const { filter, hint, collation, multi } = readDelete(onlyOne(body, 'deletes'));
      return {
        namespace: body.namespace(),
        fields: { filter, hint, collation, let: body.optionalDocument('let') },
        write: { isMulti: multi, returnsDocument: false },
      };
    }
    default:
      return { notExplained: body.name };
  }
}

function findAndModifyQuery(body: CommandBody): ExplainedQuery {
  const request = readFindAndModify(body);
  const { namespace, query: filter, sort, hint, collation } = request;
  const fields = { filter, sort, hint, let: request.let, collation };
  const write = { isMulti: false, returnsDocument: true };
  if (request.update === undefined) return { namespace, fields, write };
  const update: UpdateFields = {
    filter,
    update: request.update,
    multi: false,
    upsert: request.upsert,
    arrayFilters: request.arrayFilters,
    hint,
    sort,
    collation,
    constants: undefined,
  };
  return { namespace, fields, write: { ...write, update } };
}

function onlyOne(body: CommandBody, field: string): RawValue {
  const [only, ...more] = body.documents(field);
  if (only === undefined || more.length > 0) {
    throw new MongoServerError('InvalidLength', 'explained write batches must be of size 1');
  }
  return only;
}
