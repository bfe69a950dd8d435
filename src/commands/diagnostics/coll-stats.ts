import { defineCommand } from '../command.ts';
import { refuseOnView } from '../documents/views.ts';
import { collectionStats } from './collection-stats.ts';

export const collStats = defineCommand<{ namespace: string; scale: number }>({
  name: 'collStats',
  aliases: ['collstats'],
  help: 'Tells the sizes of a collection and its indexes.',
  access: 'read',
  runsOn: 'secondaryOk',
  namesCollection: true,
  parse(body) {
    body.rejectUnknown(['scale']);
    return {
      namespace: body.namespace(),
      scale: body.optionalInt('scale', { minimum: 1 }) ?? 1,
    };
  },
  run({ namespace, scale }, context) {
    refuseOnView(context);
    return { ns: namespace, ...collectionStats(context.database, namespace, scale) };
  },
});
