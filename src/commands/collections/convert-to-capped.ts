import { convertToCapped as convert } from '../../database/index.ts';
import { defineCommand } from '../command.ts';
import { requiredCappedSize } from './capped-options.ts';

/** Fields it does not know are passed over, as by MongoDB: `max` among them. */
export const convertToCapped = defineCommand<{ namespace: string; size: number | bigint }>({
  name: 'convertToCapped',
  help: 'Makes a collection capped, without its secondary indexes.',
  access: 'write',
  runsOn: 'primary',
  namesCollection: true,
  parse(body) {
    return { namespace: body.namespace(), size: requiredCappedSize(body) };
  },
  async run({ namespace, size }, { database, operation }) {
    await convert(database, operation, namespace, size);
    return {};
  },
});
