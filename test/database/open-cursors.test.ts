import { describe, expect, it } from 'vitest';
import { Database, insertMany, openFind } from '../../src/database/index.ts';
import { OpenCursors } from '../../src/database/reads/open-cursors.ts';
import { openMemoryEngine } from '../../storage/index.ts';
import { operation, raw } from './support/member.ts';

const namespace = 'a.b';
const tenMinutesMs = 10 * 60 * 1000;

/** A member whose clock is set by hand; reads above `local` pin a snapshot each. */
async function member() {
  const clock = { now: 1_700_000_000_000 };
  const engine = openMemoryEngine({ maxSnapshots: 2000 });
  const database = await Database.open({ engine, replicated: false, now: () => clock.now });
  database.readViews = () => {
    const snapshot = engine.snapshot();
    return { reader: snapshot, catalog: database.catalog, close: () => snapshot.close() };
  };
  await insertMany(database, operation(), {
    namespace,
    documents: Array.from({ length: 10 }, (_, _id) => raw({ _id })),
    ordered: true,
  });
  const open = async (options = {}) => {
    const source = openFind(database, 'majority', namespace, {});
    await source.nextBatch({ maxDocuments: 2 });
    return database.cursors.open(namespace, source, options);
  };
  return { clock, engine, database, open };
}

describe('open cursors', () => {
  it('that are abandoned end after ten minutes, and pin nothing any more', async () => {
    const { clock, engine, database, open } = await member();
    for (let count = 0; count < 1000; count += 1) await open();
    expect(engine.stats().pinnedSnapshots).toBe(1000);

    clock.now += tenMinutesMs;
    expect(database.cursors.closeIdle()).toBe(0);
    clock.now += 1;
    expect(database.cursors.closeIdle()).toBe(1000);

    expect(database.cursors.size).toBe(0);
    expect(engine.stats()).toMatchObject({ pinnedSnapshots: 0, openCursors: 0 });
  });

  it('stay when they are in use, used again, or opened without a time limit', async () => {
    const { clock, database, open } = await member();
    const endless = await open({ noTimeout: true });
    const used = await open();
    const inUse = await open();
    clock.now += tenMinutesMs;
    database.cursors.release(database.cursors.acquire(used.id, namespace));
    database.cursors.acquire(inUse.id, namespace);
    clock.now += 1;

    database.cursors.closeIdle();

    expect([...database.cursors.all()]).toEqual([endless, used, inUse]);
  });

  it('serve one command at a time', async () => {
    const { database, open } = await member();
    const cursor = await open();
    database.cursors.acquire(cursor.id, namespace);

    expect(() => database.cursors.acquire(cursor.id, namespace)).toThrow(
      expect.objectContaining({ code: 12051, codeName: 'CursorInUse' }),
    );
  });

  it('that are killed while in use end when given back', async () => {
    const { engine, database, open } = await member();
    const cursor = await open({ session: 'one' });
    database.cursors.acquire(cursor.id, namespace);

    expect(database.cursors.killWhere(({ options }) => options.session === 'one')).toBe(1);
    expect(engine.stats().pinnedSnapshots).toBe(1);
    database.cursors.release(cursor);

    expect(engine.stats().pinnedSnapshots).toBe(0);
    expect(() => database.cursors.acquire(cursor.id, namespace)).toThrow(
      expect.objectContaining({ code: 43, codeName: 'CursorNotFound' }),
    );
  });

  it('read on where they stood, over writes in between', async () => {
    const { database } = await member();
    const source = openFind(database, 'local', namespace, {});
    await source.nextBatch({ maxDocuments: 4 });
    await insertMany(database, operation(), {
      namespace,
      documents: [raw({ _id: 10 })],
      ordered: true,
    });

    const { documents, isExhausted } = await source.nextBatch({ maxDocuments: 100 });

    expect(isExhausted).toBe(true);
    expect(documents.length).toBe(7);
  });

  it('whose state was taken away answer SnapshotTooOld, and hold nothing', async () => {
    const { engine, database } = await member();
    const source = openFind(database, 'majority', namespace, {});
    await source.nextBatch({ maxDocuments: 4 });
    engine.closeSnapshotsOlderThan(-1);

    expect(() => source.nextBatch({ maxDocuments: 4 })).toThrow(
      expect.objectContaining({ code: 239, codeName: 'SnapshotTooOld' }),
    );
    source.close();
    expect(engine.stats().pinnedSnapshots).toBe(0);
  });

  it('are limited in number', () => {
    const cursors = new OpenCursors(
      (length) => Buffer.from(crypto.getRandomValues(new Uint8Array(length))),
      () => 0,
    );
    const source = { nextBatch: () => Promise.reject(new Error('unused')), close() {} };
    for (let count = 0; count < 20_000; count += 1) cursors.open(namespace, source);

    expect(() => cursors.open(namespace, source)).toThrow('too many open cursors');
  });
});
