import { BsonType, ElementReader } from '../../bson/index.ts';
import { defineCommand } from '../command.ts';

interface KillCursors {
  readonly ids: readonly bigint[];
}

export const killCursors = defineCommand<KillCursors>({
  name: 'killCursors',
  help: 'Ends open cursors.',
  access: 'read',
  runsOn: 'anyMember',
  supportsReadConcern: false,
  namesCollection: true,
  parse(body) {
    body.rejectUnknown(['cursors']);
    body.cursorNamespace();
    const { buffer, start } = body.requireArray('cursors');
    const ids: bigint[] = [];
    const reader = new ElementReader(buffer, start);
    while (reader.next()) {
      if (reader.type === BsonType.null || reader.type === BsonType.undefined) continue;
      if (reader.type !== BsonType.long) {
        throw body.wrongType(`cursors.${reader.name()}`, reader.type, "'long'");
      }
      ids.push(buffer.readBigInt64LE(reader.value().start));
    }
    return { ids };
  },
  run({ ids }, { database }) {
    const killed: bigint[] = [];
    const notFound: bigint[] = [];
    for (const id of ids) (database.cursors.kill(id) ? killed : notFound).push(id);
    return {
      cursorsKilled: killed,
      cursorsNotFound: notFound,
      cursorsAlive: [],
      cursorsUnknown: [],
    };
  },
});
