import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';

export const getLog = defineCommand<string>({
  name: 'getLog',
  help: 'Gives the last lines of a log; * gives the names of the logs.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    body.rejectUnknown([]);
    const name = body.decode('getLog');
    if (typeof name === 'string') return name;
    throw body.wrongType('getLog', body.value('getLog')?.type ?? 10, "'string'");
  },
  run(name, { server }) {
    if (name === '*') return { names: server.logNames };
    const log = server.recentLog(name);
    if (log === undefined) throw new MongoServerError('OperationFailed', `No log named '${name}'`);
    return { totalLinesWritten: log.length, log };
  },
});
