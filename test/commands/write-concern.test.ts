import { Decimal128, Int32, serialize } from 'bson';
import { describe, expect, test } from 'vitest';
import { CommandBody } from '../../src/commands/dispatch/command-body.ts';
import { parseWriteConcern } from '../../src/commands/dispatch/write-concern.ts';
import { startShop } from '../support/shop.ts';

function parsed(writeConcern: unknown) {
  const body = Buffer.from(serialize({ insert: 'x', writeConcern }, { ignoreUndefined: true }));
  return parseWriteConcern(new CommandBody(body, 0));
}

function codeOf(writeConcern: unknown): number {
  try {
    parsed(writeConcern);
  } catch (error) {
    return (error as { code: number }).code;
  }
  return 0;
}

describe('a write concern', () => {
  test.each<[unknown, Record<string, unknown>]>([
    [{ w: 1 }, { w: 1, wtimeout: 0, provenance: 'clientSupplied' }],
    [{ w: Decimal128.fromString('2') }, { w: 2 }],
    [{ w: 1.9 }, { w: 1 }],
    [{ w: -0.9 }, { w: 0 }],
    [{ w: Decimal128.fromString('1.5') }, { w: 2 }],
    [{ w: Decimal128.fromString('50.5') }, { w: 50 }],
    [{ w: 'places' }, { w: 'places' }],
    [{ w: { dc: 2 } }, { w: { dc: 2 } }],
    [{ w: null }, { w: 'majority', provenance: 'implicitDefault' }],
    [{}, { w: 'majority', provenance: 'implicitDefault' }],
    [{ j: true }, { w: 'majority', j: true }],
    [{ j: null }, { provenance: 'implicitDefault' }],
    [{ j: Decimal128.fromString('0') }, { j: false }],
    [{ j: new Int32(1) }, { j: true }],
    [
      { w: 1, wtimeout: 'soon' },
      { w: 1, wtimeout: 0 },
    ],
    [
      { w: 1, wtimeout: -5 },
      { w: 1, wtimeout: 0 },
    ],
    [
      { w: 1, wtimeout: Number.NaN },
      { w: 1, wtimeout: 0 },
    ],
    [
      { w: 1, wtimeout: 12.7 },
      { w: 1, wtimeout: 12 },
    ],
    [{ w: 1, provenance: 'clientSupplied' }, { w: 1 }],
  ])('%j reads as %j', (writeConcern, expected) => {
    expect(parsed(writeConcern)).toMatchObject(expected);
  });

  test.each<[unknown, number]>([
    [{ w: -1 }, 9],
    [{ w: 51 }, 9],
    [{ w: Number.NaN }, 9],
    [{ w: Decimal128.fromString('Infinity') }, 9],
    [{ w: [1] }, 9],
    [{ w: true }, 9],
    [{ w: new Date(0) }, 9],
    [{ w: {} }, 9],
    [{ w: { dc: 'one' } }, 9],
    [{ j: 'yes' }, 14],
    [{ wtimeout: 2 ** 31 }, 9],
    [{ provenance: 'mine' }, 2],
    [{ provenance: 1 }, 14],
    [{ x: 1 }, 40415],
  ])('%j is refused with %i', (writeConcern, code) => {
    expect(codeOf(writeConcern)).toBe(code);
  });
});

test.each<[unknown, string | undefined]>([
  [1, undefined],
  [0, undefined],
  ['majority', undefined],
  [{ dc: 2 }, undefined],
  [2, "cannot use 'w' > 1 when a host is not replicated"],
  [
    'Majority',
    'cannot use non-majority \'w\' mode "Majority" when a host is not a member of a replica set',
  ],
  ['', 'cannot use non-majority \'w\' mode "" when a host is not a member of a replica set'],
  [null, 'cannot use non-majority \'w\' mode "" when a host is not a member of a replica set'],
])('a server that is no member of a set is asked for w: %j', async (w, errmsg) => {
  const { client } = await startShop();
  const create = client.db('shop').command({ create: 'things', writeConcern: { w } });
  if (errmsg === undefined) await create;
  else await expect(create).rejects.toMatchObject({ code: 2, errmsg });
});

test('w: 0 is told nothing of its writes, unless it asks for the journal', async () => {
  const { client } = await startShop();
  const db = client.db('shop');
  const writes: [Record<string, unknown>, Record<string, unknown>][] = [
    [
      { insert: 'things', documents: [{ _id: 1 }] },
      { n: 0, ok: 1 },
    ],
    [
      { update: 'things', updates: [{ q: {}, u: { a: 1 }, multi: true }] },
      { n: 0, nModified: 0, ok: 1 },
    ],
    [
      { delete: 'things', deletes: [{ q: { _id: 2 }, limit: 1 }] },
      { n: 0, ok: 1 },
    ],
  ];
  // A driver reads no answer to a plain zero; this one is zero to the server only.
  const none = { w: 0.5 };
  for (const [write, reply] of writes) {
    expect(await db.command({ ...write, writeConcern: none })).toEqual(reply);
  }
  expect(await db.collection('things').countDocuments()).toBe(1);
  const last = {
    delete: 'things',
    deletes: [{ q: {}, limit: 0 }],
    writeConcern: { ...none, j: true },
  };
  expect(await db.command(last)).toEqual({ n: 1, ok: 1 });
});
