import { describe, expect, it } from 'vitest';
import { encodeDocument } from '../../src/bson/index.ts';
import {
  createCollection,
  dropCollection,
  ListSource,
  renameCollection,
} from '../../src/database/index.ts';
import { openMember, openPrimary, operation, type TestMember } from './support/member.ts';

const noOptions = encodeDocument({});

async function pair(): Promise<{ primary: TestMember; secondary: TestMember; follow: Follow }> {
  const primary = await openPrimary();
  const secondary = await openMember();
  let sent = 0;
  const follow = async () => {
    const entries = primary.entries.slice(sent).map(({ bytes }) => bytes);
    sent = primary.entries.length;
    await secondary.database.appendReplicated(entries);
  };
  return { primary, secondary, follow };
}

type Follow = () => Promise<void>;

function openCursor({ database }: TestMember, namespace: string): void {
  database.cursors.open(namespace, new ListSource([]));
}

/** By cursor: what its next getMore is told. */
function whyEnded({ database }: TestMember): (string | undefined)[] {
  return [...database.cursors.all()].map(({ endedBy }) => endedBy?.message);
}

describe('an open cursor of a secondary', () => {
  it('ends when the collection is dropped, and no other does', async () => {
    const { primary, secondary, follow } = await pair();
    await createCollection(primary.database, operation(), 'a.one', noOptions);
    await createCollection(primary.database, operation(), 'a.two', noOptions);
    await follow();
    openCursor(secondary, 'a.one');
    openCursor(secondary, 'a.two');

    await dropCollection(primary.database, operation(), 'a.one');
    await follow();

    expect(whyEnded(secondary)).toEqual(['collection dropped: a.one', undefined]);
  });

  it('ends when the name belongs to another collection now', async () => {
    const { primary, secondary, follow } = await pair();
    await createCollection(primary.database, operation(), 'a.one', noOptions);
    await createCollection(primary.database, operation(), 'a.two', noOptions);
    await follow();
    openCursor(secondary, 'a.two');

    await renameCollection(primary.database, operation(), 'a.one', 'a.two', { dropTarget: true });
    await follow();

    expect(whyEnded(secondary)).toEqual(['collection dropped: a.two']);
  });

  it('ends when a rollback takes the collection back', async () => {
    const { primary, secondary, follow } = await pair();
    await createCollection(primary.database, operation(), 'a.one', noOptions);
    await follow();
    openCursor(secondary, 'a.one');

    await secondary.database.undoSlice({ term: 0, opid: 0 }, 10);

    expect(whyEnded(secondary)).toEqual(['collection dropped: a.one']);
  });

  it('tells the next getMore why, and is gone then', async () => {
    const { primary, secondary, follow } = await pair();
    await createCollection(primary.database, operation(), 'a.one', noOptions);
    await follow();
    const { cursors } = secondary.database;
    const { id } = cursors.open('a.one', new ListSource([]));

    await renameCollection(primary.database, operation(), 'a.one', 'a.two', { dropTarget: false });
    await follow();

    expect(() => cursors.acquire(id, 'a.one')).toThrow(
      expect.objectContaining({
        codeName: 'QueryPlanKilled',
        message: "collection renamed from 'a.one' to 'a.two'",
      }),
    );
    expect(cursors.size).toBe(0);
  });
});
