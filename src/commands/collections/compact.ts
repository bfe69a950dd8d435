import { existingCollection } from '../../database/index.ts';
import { defineCommand } from '../command.ts';
import { refuseOnView } from '../documents/views.ts';

/** The store reuses freed pages by itself and gives none back, so there is nothing to free. */
export const compact = defineCommand<{ namespace: string; isDryRun: boolean }>({
  name: 'compact',
  help: 'Frees no bytes: freed pages of the store are used again without it.',
  access: 'admin',
  runsOn: 'anyMember',
  namesCollection: true,
  parse(body) {
    body.rejectUnknown(['force', 'freeSpaceTargetMB', 'dryRun']);
    // There is nothing that either could hold up or free.
    body.optionalStrictBool('force');
    body.optionalInt('freeSpaceTargetMB', { minimum: 1 });
    return { namespace: body.namespace(), isDryRun: body.optionalStrictBool('dryRun') ?? false };
  },
  run({ namespace, isDryRun }, context) {
    refuseOnView(context);
    existingCollection(context.database.catalog, namespace);
    return isDryRun ? { estimatedBytesFreed: 0 } : { bytesFreed: 0 };
  },
});
