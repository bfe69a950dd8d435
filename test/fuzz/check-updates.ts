/**
 * Updates are what their entries say: the delta makes the new document of the old one, indexes hold
 * what the documents do, a follower that applies the entries has the same bytes, and undoing them
 * gives the old bytes back.
 */
import { decodeDocument, encodeValue } from '../../src/bson/index.ts';
import { runUpdate, validateCollection } from '../../src/database/index.ts';
import {
  applyDelta,
  type Filter,
  parseFilter,
  parseUpdate,
  type Update,
} from '../../src/query/index.ts';
import { contents, openMember, operation, raw } from '../database/support/member.ts';
import type { RandomUpdate } from './updates.ts';
import {
  allDocuments,
  bytesOf,
  collectionOf,
  namespace,
  RuleBroken,
  refusal,
  type World,
} from './world.ts';

export async function checkUpdates(world: World, updates: readonly RandomUpdate[]): Promise<void> {
  const { database, engine, entries } = world;
  const before = contents(engine);
  const start = entries.at(-1)!.gtid;
  const first = entries.length;
  for (const update of updates) {
    const parsed = await parse(update);
    if (parsed === undefined) continue;
    await checkDeltas(world, parsed);
    await refusal(() =>
      runUpdate(database, operation(), {
        namespace,
        filterSpec: raw(update.filter),
        filter: parsed.filter,
        update: parsed.update,
        multi: update.multi,
        upsert: update.upsert,
      }),
    );
  }
  if (entries.length === first) return;
  await checkIndexes(world, 'after updates');
  await checkFollower(world);
  await database.undoSlice(start, entries.length);
  checkSame('undo restores the old bytes', before, contents(engine));
  await checkIndexes(world, 'after undo');
}

interface Parsed {
  readonly filter: Filter;
  readonly update: Update;
}

/** Undefined for what is refused. */
async function parse({ filter, update, arrayFilters, upsert }: RandomUpdate) {
  let parsed: Parsed | undefined;
  await refusal(() => {
    parsed = {
      filter: parseFilter(bytesOf(filter), 0),
      update: parseUpdate(encodeValue(update), {
        upsert,
        ...(arrayFilters && { arrayFilters: arrayFilters.map(raw) }),
      }),
    };
  });
  return parsed;
}

/** On every document that matches: what is done to each may differ. */
async function checkDeltas(world: World, { filter, update }: Parsed): Promise<void> {
  for (const document of await allDocuments(world)) {
    if (!filter.matches(document, 0)) continue;
    await refusal(() => {
      const context = { filter, now: 1_700_000_000_000, clusterTime: { t: 1_700_000_000, i: 1 } };
      const { modified, document: after, delta } = update.apply(document, 0, context);
      if (!modified && !after.equals(document)) {
        throw new RuleBroken('not modified is unchanged', difference(document, after));
      }
      if (delta === undefined) return;
      const made = applyDelta(document, 0, delta);
      if (!made.equals(after)) {
        throw new RuleBroken('the delta makes the new document', difference(made, after));
      }
    });
  }
}

async function checkIndexes(world: World, when: string): Promise<void> {
  const { errors } = await validateCollection(world.database, operation(), collectionOf(world));
  if (errors.length > 0)
    throw new RuleBroken(`indexes hold what documents do, ${when}`, errors[0]!);
}

async function checkFollower({ engine, entries }: World): Promise<void> {
  const follower = await openMember();
  await follower.database.appendReplicated(entries.map(({ bytes }) => bytes));
  checkSame('a follower has the same bytes', contents(engine), contents(follower.engine));
}

function checkSame(rule: string, expected: readonly string[], actual: readonly string[]): void {
  const at = expected.findIndex((row, index) => row !== actual[index]);
  if (at < 0 && expected.length === actual.length) return;
  const place = at < 0 ? expected.length : at;
  throw new RuleBroken(rule, `${expected[place]} is ${actual[place]}`);
}

function difference(a: Buffer, b: Buffer): string {
  return `${text(a)} and ${text(b)}`;
}

function text(document: Buffer): string {
  return `${document.toString('hex')} ${JSON.stringify(decodeDocument(document, 0), (_, value) =>
    typeof value === 'bigint' ? `${value}n` : value,
  )}`;
}
