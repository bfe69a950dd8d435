import { expect, it } from 'vitest';
import { createIndexes, dropIndexes, insertMany, runUpdate } from '../../src/database/index.ts';
import { parseFilter, parseUpdate } from '../../src/query/index.ts';
import { openPrimary, operation, raw } from './support/member.ts';

const namespace = 'a.one';

it('an update of many documents ends when an index is dropped under it', async () => {
  const { database } = await openPrimary();
  const documents = Array.from({ length: 6000 }, (_, _id) => raw({ _id, n: _id, text: 'x' }));
  await insertMany(database, operation(), { namespace, documents, ordered: true });
  const index = raw({ key: { n: 1 }, name: 'n_1' });
  await createIndexes(database, operation(), namespace, [index]);
  const filterSpec = raw({ n: { $gte: 0 } });

  const updating = runUpdate(database, operation(), {
    namespace,
    filterSpec,
    filter: parseFilter(filterSpec.buffer, 0),
    update: parseUpdate(raw({ $set: { text: 'changed' } })),
    multi: true,
    upsert: false,
  });
  const dropping = dropIndexes(database, operation(), namespace, 'n_1');

  await expect(updating).rejects.toMatchObject({ codeName: 'QueryPlanKilled' });
  await dropping;
});
