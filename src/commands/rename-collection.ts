import { checkNamespace, renameCollection as renameTo } from '../database/index.ts';
import { defineCommand } from './command.ts';

interface Rename {
  readonly from: string;
  readonly to: string;
  readonly dropTarget: boolean;
  readonly uuid: Buffer | undefined;
}

export const renameCollection = defineCommand<Rename>({
  name: 'renameCollection',
  help: 'Gives a collection another name, in this or another database.',
  access: 'write',
  runsOn: 'primary',
  adminOnly: true,
  parse(body) {
    body.rejectUnknown(['collectionUUID', 'to', 'dropTarget', 'stayTemp']);
    body.optionalStrictBool('stayTemp');
    const from = body.requireString(body.name);
    const to = body.requireString('to');
    checkNamespace(from);
    checkNamespace(to);
    return {
      from,
      to,
      dropTarget: body.optionalStrictBool('dropTarget') ?? false,
      uuid: body.optionalUuid('collectionUUID'),
    };
  },
  async run({ from, to, dropTarget, uuid }, { database, operation }) {
    await renameTo(database, operation, from, to, dropTarget, uuid);
    return {};
  },
});
