import { BsonType } from '../../bson/index.ts';
import {
  checkNamespace,
  cloneCollectionAsCapped as clone,
  splitNamespace,
} from '../../database/index.ts';
import { MongoServerError } from '../../errors/index.ts';
import { defineCommand } from '../command.ts';
import type { CommandBody } from '../dispatch/command-body.ts';
import { requiredCappedSize } from './capped-options.ts';
import { refuseLater } from './later-options.ts';

interface Clone {
  readonly from: string;
  readonly to: string;
  readonly size: number | bigint;
}

/** Fields it does not know are passed over, as by MongoDB. */
export const cloneCollectionAsCapped = defineCommand<Clone>({
  name: 'cloneCollectionAsCapped',
  help: 'Copies the newest documents of a collection into a new capped one.',
  access: 'write',
  runsOn: 'primary',
  parse(body) {
    const from = `${body.database}.${requiredName(body, body.name)}`;
    const to = `${body.database}.${requiredName(body, 'toCollection')}`;
    const size = requiredCappedSize(body);
    refuseLater(body, ['temp']);
    for (const namespace of [from, to]) {
      checkNamespace(namespace);
      refuseDollar(namespace);
    }
    return { from, to, size };
  },
  async run({ from, to, size }, { database, operation }) {
    await clone(database, operation, from, to, size);
    return {};
  },
});

function refuseDollar(namespace: string): void {
  const { collection } = splitNamespace(namespace);
  if (!collection.includes('$')) return;
  throw new MongoServerError('InvalidNamespace', `Invalid collection name: ${collection}`);
}

function requiredName(body: CommandBody, field: string): string {
  const value = body.value(field);
  if (value?.type !== BsonType.string) {
    throw new MongoServerError('TypeMismatch', `'${field}' must be of type String`);
  }
  return body.requireString(field);
}
