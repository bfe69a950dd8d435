import { decodeDocument, encodeDocument } from '../../bson/index.ts';
import { buildUuid, existingCollection, ListSource, shownIndexes } from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';
import { cursorBatchSize, firstBatchReply } from '../documents/cursor-reply.ts';
import { refuseOnView } from '../documents/views.ts';

interface ListIndexes {
  readonly namespace: string;
  readonly batchSize: number | undefined;
  readonly form: 'spec' | 'buildUUIDs' | 'buildInfo';
}

export const listIndexes = defineCommand<ListIndexes>({
  name: 'listIndexes',
  help: 'Lists the indexes of a collection.',
  access: 'read',
  runsOn: 'secondaryOk',
  namesCollection: true,
  parse(body) {
    body.rejectUnknown(['cursor', 'includeBuildUUIDs', 'includeIndexBuildInfo']);
    const buildUUIDs = body.optionalBool('includeBuildUUIDs') ?? false;
    const buildInfo = body.optionalBool('includeIndexBuildInfo') ?? false;
    if (buildUUIDs && buildInfo) {
      throw new MongoServerError(
        'InvalidOptions',
        "The 'includeBuildUUIDs' and 'includeIndexBuildInfo' options cannot both be set to true",
      );
    }
    return {
      namespace: body.namespace(),
      batchSize: cursorBatchSize(body) ?? Infinity,
      form: buildInfo ? 'buildInfo' : buildUUIDs ? 'buildUUIDs' : 'spec',
    };
  },
  async run({ namespace, batchSize, form }, context) {
    const { database, operation } = context;
    refuseOnView(context);
    // What the server keeps by itself has no indexes.
    const info =
      database.virtualCollections.get(namespace)?.collection ??
      existingCollection(database.catalog, namespace);
    const documents = shownIndexes(info).map((index) => {
      if (form === 'spec') return index.spec;
      const spec = decodeDocument(index.spec);
      if (index.buildGroup === undefined) {
        return form === 'buildInfo' ? encodeDocument({ spec }) : index.spec;
      }
      const buildUUID = buildUuid(info, index.buildGroup);
      return encodeDocument(
        form === 'buildInfo' ? { spec, indexBuildInfo: { buildUUID } } : { spec, buildUUID },
      );
    });
    return firstBatchReply(database, operation, {
      namespace,
      source: new ListSource(documents),
      batchSize,
    });
  },
});
