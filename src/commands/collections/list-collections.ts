import { Binary } from 'bson';
import { encodeDocument, type RawValue } from '../../bson/index.ts';
import {
  isClustered,
  ListSource,
  splitNamespace,
  timeSeriesOf,
  viewsOf,
} from '../../database/index.ts';
import { parseFilter } from '../../query/index.ts';
import { defineCommand } from '../command.ts';
import { cursorBatchSize, firstBatchReply } from '../documents/cursor-reply.ts';

interface ListCollections {
  readonly dbName: string;
  readonly filter: RawValue | undefined;
  readonly nameOnly: boolean;
  readonly batchSize: number | undefined;
}

export const listCollections = defineCommand<ListCollections>({
  name: 'listCollections',
  help: 'Lists the collections of the current database.',
  access: 'read',
  runsOn: 'secondaryOk',
  supportsReadConcern: false,
  parse(body) {
    body.rejectUnknown(['filter', 'nameOnly', 'authorizedCollections', 'cursor']);
    body.optionalStrictBool('authorizedCollections');
    return {
      dbName: body.database,
      filter: body.optionalDocument('filter'),
      nameOnly: body.optionalStrictBool('nameOnly') ?? false,
      batchSize: cursorBatchSize(body) ?? Infinity,
    };
  },
  async run({ dbName, filter, nameOnly, batchSize }, { database, operation }) {
    const matcher = filter === undefined ? undefined : parseFilter(filter.buffer, filter.start);
    const documents: Buffer[] = [];
    // A filter sees what the reply would show.
    const add = (shown: Record<string, unknown>): void => {
      const document = encodeDocument(shown);
      if (matcher === undefined || matcher.matches(document, 0)) documents.push(document);
    };
    for (const info of database.listedCollections(dbName)) {
      const name = splitNamespace(info.namespace).collection;
      if (timeSeriesOf(info) !== undefined) {
        const more = { options: info.options, info: { readOnly: false } };
        add({ name, type: 'timeseries', ...(nameOnly ? {} : more) });
        continue;
      }
      const idIndex = isClustered(info) ? undefined : info.indexes[0]?.spec;
      const more = {
        options: info.options,
        info: { readOnly: false, uuid: new Binary(info.uuid, 4) },
        ...(idIndex === undefined ? {} : { idIndex }),
      };
      add({ name, type: 'collection', ...(nameOnly ? {} : more) });
    }
    const { catalog, engine } = database;
    for (const view of viewsOf({ catalog, reader: engine.latest }, dbName)) {
      const { viewOn, pipeline, collation } = view;
      const more = {
        options: { viewOn, pipeline, ...(collation && { collation }) },
        info: { readOnly: true },
      };
      const { collection } = splitNamespace(view.namespace);
      add({ name: collection, type: 'view', ...(nameOnly ? {} : more) });
    }
    return firstBatchReply(database, operation, {
      namespace: `${dbName}.$cmd.listCollections`,
      source: new ListSource(documents),
      batchSize,
    });
  },
});
