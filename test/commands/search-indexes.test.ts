/** What a client is told that asks for the search engine this server does not have. */

import { expect, test } from 'vitest';
import { startShop } from '../support/shop.ts';

const { client } = await startShop();

const indexes =
  'Using Atlas Search Database Commands and the $listSearchIndexes aggregation stage requires additional configuration.';
const stages =
  'Using $search and $vectorSearch aggregation stages requires additional configuration.';

function aggregate(stage: Record<string, unknown>): Record<string, unknown> {
  return { aggregate: 'things', pipeline: [stage], cursor: {} };
}

test.each<[Record<string, unknown>, string]>([
  [{ createSearchIndexes: 'things', indexes: [] }, indexes],
  [{ dropSearchIndex: 'things', name: 'x' }, indexes],
  [{ listSearchIndexes: 'things' }, indexes],
  [{ updateSearchIndex: 'things', name: 'x', definition: {} }, indexes],
  [aggregate({ $listSearchIndexes: {} }), indexes],
  [aggregate({ $search: {} }), stages],
  [aggregate({ $searchMeta: {} }), stages],
  [aggregate({ $vectorSearch: {} }), stages],
])('%j is refused with SearchNotEnabled', async (command, text) => {
  await expect(client.db('search').command(command)).rejects.toMatchObject({
    code: 31082,
    codeName: 'SearchNotEnabled',
    errmsg: expect.stringContaining(text),
  });
});
