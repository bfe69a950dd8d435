import { BsonType } from '../../bson/index.ts';
import {
  checkNamespace,
  checkRenamable,
  renameCollection as renameTo,
} from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';
import type { CommandBody } from '../dispatch/command-body.ts';

interface Rename {
  readonly from: string;
  readonly to: string;
  readonly dropTarget: boolean | Buffer;
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
    checkRenamable(from);
    checkRenamable(to);
    checkNamespace(from);
    checkNamespace(to);
    return {
      from,
      to,
      dropTarget: readDropTarget(body),
      uuid: body.optionalUuid('collectionUUID'),
    };
  },
  async run({ from, to, dropTarget, uuid }, { database, operation }) {
    await renameTo(database, operation, from, to, { dropTarget, uuid });
    return {};
  },
});

function readDropTarget(body: CommandBody): boolean | Buffer {
  const value = body.value('dropTarget');
  if (value === undefined) return false;
  if (value.type === BsonType.bool) return value.buffer[value.start] === 1;
  if (value.type !== BsonType.binData) {
    throw body.wrongType('dropTarget', value.type, "'[bool, binData']");
  }
  if (value.buffer[value.start + 4] !== 4) {
    throw new MongoServerError('InvalidUUID', 'dropTarget must be a bool or a UUID');
  }
  return body.optionalUuid('dropTarget') ?? false;
}
