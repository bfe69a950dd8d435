import { encodeDocument, type RawValue } from '../../bson/index.ts';
import { databaseSizes } from '../../database/index.ts';
import { parseFilter } from '../../query/index.ts';
import { defineCommand } from '../command.ts';

interface ListDatabases {
  readonly filter: RawValue | undefined;
  readonly nameOnly: boolean;
}

export const listDatabases = defineCommand<ListDatabases>({
  name: 'listDatabases',
  help: 'Lists the databases with their sizes.',
  access: 'read',
  runsOn: 'secondaryOk',
  supportsReadConcern: false,
  adminOnly: true,
  parse(body) {
    body.rejectUnknown(['filter', 'nameOnly', 'authorizedDatabases']);
    body.optionalStrictBool('authorizedDatabases');
    return {
      filter: body.optionalDocument('filter'),
      nameOnly: body.optionalBool('nameOnly') ?? false,
    };
  },
  run({ filter, nameOnly }, { database }) {
    const matcher = filter === undefined ? undefined : parseFilter(filter.buffer, filter.start);
    const databases: Buffer[] = [];
    let totalSize = 0;
    for (const { name, bytes, documents } of databaseSizes(database)) {
      const shown = encodeDocument(
        nameOnly ? { name } : { name, sizeOnDisk: wholeNumber(bytes), empty: documents === 0 },
      );
      // A filter sees what the reply shows.
      if (matcher !== undefined && !matcher.matches(shown, 0)) continue;
      totalSize += bytes;
      databases.push(shown);
    }
    if (nameOnly) return { databases };
    return {
      databases,
      totalSize: wholeNumber(totalSize),
      totalSizeMb: wholeNumber(Math.floor(totalSize / 1048576)),
    };
  },
});

/** Sizes are int64 in replies. */
function wholeNumber(value: number): bigint {
  return BigInt(Math.trunc(value));
}
