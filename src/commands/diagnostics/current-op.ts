import { encodeDocument } from '../../bson/index.ts';
import { type Filter, parseFilter } from '../../query/index.ts';
import { defineCommand } from '../command.ts';
import { describeRunning } from '../dispatch/running-operations.ts';

interface CurrentOpRequest {
  readonly idleConnections: boolean;
  readonly truncate: boolean;
  readonly filter: Filter;
}

const ownFields: ReadonlySet<string> = new Set(['currentOp', '$all', '$ownOps', '$truncateOps']);

export const currentOp = defineCommand<CurrentOpRequest>({
  name: 'currentOp',
  help: 'Lists what runs now; further fields filter it.',
  access: 'admin',
  runsOn: 'anyMember',
  adminOnly: true,
  parse(body) {
    const filter: Record<string, unknown> = {};
    for (const field of body.fieldNames()) {
      if (!ownFields.has(field) && !body.isGeneric(field)) filter[field] = body.value(field);
    }
    return {
      idleConnections: body.optionalBool('$all') ?? false,
      truncate: body.optionalBool('$truncateOps') ?? false,
      filter: parseFilter(encodeDocument(filter), 0),
    };
  },
  run({ filter, ...options }, context) {
    const inprog = describeRunning(context, options)
      .map(encodeDocument)
      .filter((document) => filter.matches(document, 0));
    return { inprog };
  },
});
