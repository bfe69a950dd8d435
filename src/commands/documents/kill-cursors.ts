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
    body.requireArray('cursors');
    const given = body.decode('cursors') as unknown[];
    const ids: bigint[] = [];
    for (const [at, id] of given.entries()) {
      if (id === null || id === undefined) continue;
      if (typeof id !== 'bigint') throw body.wrongType(`cursors.${at}`, 16, "'long'");
      ids.push(id);
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
