/**
 * Writes are what their entries say: the delta makes the new document of the old one, indexes hold
 * what the documents do, a follower that applies the entries has the same bytes, and undoing them
 * gives the old bytes back.
 */
import { encodeValue } from '../../src/bson/index.ts';
import { parseCollation } from '../../src/collation/index.ts';
import { insertMany, runDelete, runUpdate, validateCollection } from '../../src/database/index.ts';
import { noVariables } from '../../src/expressions/index.ts';
import {
  applyDelta,
  type Filter,
  parseFilter,
  parseSort,
  parseUpdate,
  type Update,
} from '../../src/query/index.ts';
import { contents, openMember, operation, raw } from '../database/support/member.ts';
import {
  allDocuments,
  bytesOf,
  collectionOf,
  isRefusal,
  namespace,
  RuleBroken,
  refusal,
  show,
  type World,
} from './world.ts';
import type { RandomUpdate, RandomWrite } from './writes.ts';

/** Writes that are under way together: as many commands as share a commit. */
const together = 16;

export async function checkWrites(world: World, writes: readonly RandomWrite[]): Promise<void> {
  const { database, engine, entries } = world;
  const before = contents(engine);
  const start = entries.at(-1)!.gtid;
  const first = entries.length;
  for (let at = 0; at < writes.length; at += together) {
    const documents = allDocuments(world);
    await Promise.all(
      writes.slice(at, at + together).map((write) => refusal(() => run(world, write, documents))),
    );
  }
  if (entries.length > first) {
    await checkIndexes(world, 'after writes');
    await checkFollower(world);
    await database.undoSlice(start, entries.length);
    checkSame('undo restores the old bytes', before, contents(engine));
  }
  await checkIndexes(world, 'without writes');
}

async function run(
  { database }: World,
  write: RandomWrite,
  documents: readonly Buffer[],
): Promise<void> {
  if (write.kind === 'insert') {
    await insertMany(database, operation(), {
      namespace,
      documents: [raw(write.document)],
      ordered: true,
    });
    return;
  }
  const filterSpec = raw(write.filter);
  if (write.kind === 'delete') {
    const filter = parseFilter(filterSpec.buffer, 0);
    await runDelete(database, operation(), { namespace, filterSpec, filter, multi: write.multi });
    return;
  }
  const { multi, upsert, sort } = write;
  const parsed = parse(write);
  checkDeltas(parsed, documents);
  await runUpdate(database, operation(), {
    namespace,
    filterSpec,
    ...parsed,
    multi,
    upsert,
    sort: sort && parseSort(bytesOf(sort), 0, parsed.filter.collation),
  });
}

interface Parsed {
  readonly filter: Filter;
  readonly update: Update;
}

function parse({ filter, update, arrayFilters, upsert, collation: given }: RandomUpdate): Parsed {
  const collation = given && (parseCollation(raw(given)) ?? undefined);
  const variables = noVariables.under(collation);
  return {
    filter: parseFilter(bytesOf(filter), 0, { variables }),
    update: parseUpdate(encodeValue(update), {
      upsert,
      variables,
      ...(arrayFilters && { arrayFilters: arrayFilters.map(raw) }),
    }),
  };
}

const now = { now: 1_700_000_000_000, clusterTime: { t: 1_700_000_000, i: 1 } };

/** On every document that matches: what is done to each may differ, and one may refuse it. */
function checkDeltas(parsed: Parsed, documents: readonly Buffer[]): void {
  for (const document of documents) {
    if (!parsed.filter.matches(document, 0)) continue;
    try {
      checkDelta(parsed, document);
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
}

function checkDelta({ filter, update }: Parsed, document: Buffer): void {
  const { modified, document: after, delta } = update.apply(document, 0, { filter, ...now });
  if (!modified && !after.equals(document)) {
    throw new RuleBroken('not modified is unchanged', difference(document, after));
  }
  if (delta === undefined) return;
  const made = applyDelta(document, 0, delta);
  if (!made.equals(after)) {
    throw new RuleBroken('the delta makes the new document', difference(made, after));
  }
}

async function checkIndexes(world: World, when: string): Promise<void> {
  const { errors } = await validateCollection(world.database, operation(), collectionOf(world));
  if (errors.length > 0) {
    throw new RuleBroken(`indexes hold what documents do, ${when}`, errors[0]!);
  }
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
  return `${a.toString('hex')} ${show([a])} and ${b.toString('hex')} ${show([b])}`;
}
