import { checkNamespace, refuseTimeSeries } from '../../database/index.ts';
import { refuseLater } from '../collections/later-options.ts';
import { defineCommand } from '../command.ts';

export const dataSize = defineCommand<{ namespace: string; estimate: boolean }>({
  name: 'dataSize',
  aliases: ['datasize'],
  help: 'Tells how many bytes the documents of a collection take.',
  access: 'read',
  runsOn: 'secondaryOk',
  parse(body) {
    body.rejectUnknown(['keyPattern', 'min', 'max', 'estimate']);
    refuseLater(body, ['keyPattern', 'min', 'max']);
    const namespace = body.requireString(body.name);
    checkNamespace(namespace);
    // The counts are exact either way.
    return { namespace, estimate: body.optionalBool('estimate') ?? false };
  },
  run({ namespace, estimate }, { database }) {
    const info = database.catalog.byNamespace(namespace);
    if (info !== undefined) refuseTimeSeries(info);
    const { bytes, count } = database.measure(namespace);
    return { estimate, size: BigInt(bytes), numObjects: BigInt(count), millis: 0 };
  },
});
