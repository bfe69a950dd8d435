import { MongoServerError } from '../errors/index.ts';
import { defineCommand } from './command.ts';

interface KillCursors {
  readonly namespace: string;
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
    const namespace = body.namespace();
    if (body.optionalArray('cursors') === undefined) throw body.missing('cursors');
    const ids = body.decode('cursors') as unknown[];
    if (ids.length === 0) {
      throw new MongoServerError('BadValue', 'Must specify at least one cursor id');
    }
    return {
      namespace,
      ids: ids.map((id, at) => {
        if (typeof id === 'bigint') return id;
        throw body.wrongType(`cursors.${at}`, 16, "'long'");
      }),
    };
  },
  run({ namespace, ids }, { database }) {
    const killed: bigint[] = [];
    const notFound: bigint[] = [];
    for (const id of ids) (database.cursors.kill(id, namespace) ? killed : notFound).push(id);
    return {
      cursorsKilled: killed,
      cursorsNotFound: notFound,
      cursorsAlive: [],
      cursorsUnknown: [],
    };
  },
});
