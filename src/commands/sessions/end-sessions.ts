import { defineCommand } from '../command.ts';
import { readSessionIds } from '../dispatch/session-ids.ts';
import { closeCursorsOf } from './kill-sessions.ts';

/** What a session holds beyond a command are its cursors. */
export const endSessions = defineCommand<readonly string[]>({
  name: 'endSessions',
  help: 'Ends sessions before they time out.',
  access: 'none',
  runsOn: 'anyMember',
  beforeAuth: true,
  parse: readSessionIds,
  run(ids, context) {
    const wanted = new Set(ids);
    closeCursorsOf((id) => wanted.has(id), context);
    return {};
  },
});
