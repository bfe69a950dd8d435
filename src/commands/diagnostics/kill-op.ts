import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';

export const killOp = defineCommand<number>({
  name: 'killOp',
  help: 'Interrupts a running command by its opid.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    if (!body.has('op')) {
      throw new MongoServerError('NoSuchKey', 'Did not provide "op" field');
    }
    return body.requireInt('op');
  },
  // The same answer whether it ran or not: it may have ended meanwhile.
  run(opId, context) {
    const operation = context.operations.get(opId);
    if (operation !== undefined) {
      context.log.info('COMMAND', 'Going to kill op', { op: opId });
      operation.kill();
    }
    return { info: 'attempting to kill op' };
  },
});
