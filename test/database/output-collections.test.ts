/** The collections that `$out` fills before they take the place of its target. */

import { beforeEach, describe, expect, it } from 'vitest';
import { encodeDocument } from '../../src/bson/index.ts';
import {
  createCollection,
  dropAbandonedOutputs,
  withOutputCollection,
} from '../../src/database/index.ts';
import { openPrimary, operation, type TestMember } from './support/member.ts';

const noOptions = encodeDocument({});
let member: TestMember;
beforeEach(async () => {
  member = await openPrimary();
});

function create(namespace: string): Promise<unknown> {
  return createCollection(member.database, operation(), namespace, noOptions);
}

function outputs(): string[] {
  const all = [...member.database.catalog.collections()].map(({ namespace }) => namespace);
  return all.filter((namespace) => namespace.startsWith('a.tmp.'));
}

describe('a collection that $out fills', () => {
  it('goes when nobody fills it any more: its writer was killed or is primary no more', async () => {
    await create('a.tmp.agg_out.0123456789abcdef0123456789abcdef');
    await create('a.tmp.agg_out.mine');
    await withOutputCollection(member.database, 'a', async (inProgress) => {
      await create(inProgress);

      await dropAbandonedOutputs(member.database);

      expect(outputs().sort()).toEqual([inProgress, 'a.tmp.agg_out.mine'].sort());
    });

    await dropAbandonedOutputs(member.database);

    expect(outputs()).toEqual(['a.tmp.agg_out.mine']);
  });

  it('goes at once when filling it fails', async () => {
    const failing = withOutputCollection(member.database, 'a', async (namespace) => {
      await create(namespace);
      throw new Error('disk full');
    });

    await expect(failing).rejects.toThrow('disk full');

    expect(outputs()).toEqual([]);
  });
});
