import { expect, it } from 'vitest';
import { encodeDocument } from '../../src/bson/index.ts';
import { createCollection, EntryDoesNotFit, insertMany } from '../../src/database/index.ts';
import { openMember, openPrimary, operation, raw } from './support/member.ts';

it('an entry of another log is refused as such; one that can not be applied is an error of ours', async () => {
  const primary = await openPrimary();
  const namespace = 'a.one';
  await createCollection(primary.database, operation(), namespace, encodeDocument({}));
  const documents = [raw({ _id: 1 })];
  await insertMany(primary.database, operation(), { namespace, documents, ordered: true });
  const [create, insert] = primary.entries.map(({ bytes }) => bytes) as [Buffer, Buffer];
  const { database, engine } = await openMember();

  await expect(database.appendReplicated([insert])).rejects.toBeInstanceOf(EntryDoesNotFit);

  await database.appendReplicated([create]);
  const [info] = [...database.catalog.collections()];
  const taken = Buffer.concat([info?.keyPrefix as Buffer, Buffer.from('0000000000000001', 'hex')]);
  await engine.write((transaction) => transaction.put('doc', taken, Buffer.alloc(9)));
  const refusal = await database.appendReplicated([insert]).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(Error);
  expect(refusal).not.toBeInstanceOf(EntryDoesNotFit);
});

it('the first entry of a tenure that is over by then is not written', async () => {
  const { database, entries } = await openPrimary();
  const message = encodeDocument({ msg: 'new primary' });

  expect(await database.writeNoop(2, message, () => false)).toBeUndefined();
  expect(entries).toEqual([]);
  expect(await database.writeNoop(2, message, () => true)).toEqual({ term: 2, opid: 0 });
});
