import { decodeDocument, encodeDocument } from '../bson/index.ts';
import { existingCollection, ListSource } from '../database/index.ts';
import { defineCommand } from './command.ts';
import { cursorBatchSize, firstBatchReply } from './cursor-reply.ts';

interface ListIndexes {
  readonly namespace: string;
  readonly batchSize: number | undefined;
  readonly includeBuildUUIDs: boolean;
}

export const listIndexes = defineCommand<ListIndexes>({
  name: 'listIndexes',
  help: 'Lists the indexes of a collection.',
  access: 'read',
  runsOn: 'secondaryOk',
  namesCollection: true,
  parse(body) {
    body.rejectUnknown(['cursor', 'includeBuildUUIDs', 'includeIndexBuildInfo']);
    return {
      namespace: body.namespace(),
      batchSize: cursorBatchSize(body) ?? Infinity,
      includeBuildUUIDs: body.optionalBool('includeBuildUUIDs') ?? false,
    };
  },
  async run({ namespace, batchSize }, { database, operation }) {
    const info = existingCollection(database.catalog, namespace);
    const documents = info.indexes.map(({ spec, state }) =>
      state === 'ready' ? spec : encodeDocument({ ...decodeDocument(spec), state }),
    );
    return firstBatchReply(database, operation, {
      namespace,
      source: new ListSource(documents),
      batchSize,
    });
  },
});
