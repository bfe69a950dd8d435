import { MongoServerError } from '../errors/index.ts';
import { defineCommand } from './command.ts';
import { describeRunning } from './running-operations.ts';

export const currentOp = defineCommand<{ idleConnections: boolean }>({
  name: 'currentOp',
  help: 'Lists what runs now.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    for (const field of body.fieldNames()) {
      if (field === body.name || body.isGeneric(field)) continue;
      if (field !== '$all' && field !== '$ownOps' && field !== '$truncateOps') {
        throw new MongoServerError(
          'NotImplemented',
          `currentOp with the filter field '${field}' is not implemented: use $currentOp and $match`,
        );
      }
    }
    return { idleConnections: body.optionalBool('$all') ?? false };
  },
  run: (request, context) => ({ inprog: describeRunning(context, request) }),
});
