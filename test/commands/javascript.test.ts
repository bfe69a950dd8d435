/** JavaScript of clients in queries and pipelines: `$where` and `$function`, by the manual's pages. */
import { Code, type Collection, Int32, type MongoClient } from 'mongodb';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { enableScripts } from '../../src/cluster/scripting.ts';
import { Database } from '../../src/database/index.ts';
import { openMemoryEngine } from '../../storage/index.ts';
import { startCommandServer } from '../support/command-server.ts';
import { failureOf, startShop } from '../support/shop.ts';

const database = await Database.open({ engine: openMemoryEngine(), replicated: false });
const server = await startCommandServer({ database });
const engine = enableScripts(database, server.server.parameters);
const client: MongoClient = await server.client();
const db = client.db('shop');
const without = await startShop();

afterAll(async () => {
  await server.stop();
  engine.stop();
});

interface Thing {
  _id: number;
  x?: number;
  y?: number;
  tags?: string[];
}

const c: Collection<Thing> = db.collection<Thing>('things');

async function limit(ms: number): Promise<void> {
  await client.db('admin').command({ setParameter: 1, internalQueryJavaScriptFnTimeoutMillis: ms });
}

beforeEach(async () => {
  await limit(5_000);
  await c.drop();
  await c.insertMany([
    { _id: 1, x: 5, y: 10, tags: ['a'] },
    { _id: 2, x: 15, y: 10, tags: ['a', 'b'] },
    { _id: 3, x: 5, y: 3 },
  ]);
});

/** Before the errors of a find that runs. */
const inFind = 'Executor error during find command :: caused by :: ';

async function idsOf(filter: object): Promise<number[]> {
  const found = await c.find(filter).sort({ _id: 1 }).toArray();
  return found.map(({ _id }) => _id);
}

describe('$where', () => {
  test.each<[filter: unknown, ids: number[]]>([
    ['this.y > this.x', [1]],
    ['obj.y > obj.x', [1]],
    ['function() { return this.y > this.x; }', [1]],
    [new Code('function() { return this.y > this.x; }'), [1]],
    ['return this.tags', [1, 2]],
    ['this.tags && this.tags.length == 2', [2]],
    ['var sum = this.x + this.y; sum == 15', [1]],
    ['"any text"', [1, 2, 3]],
    ['0', []],
    ['NumberLong(0)', [1, 2, 3]],
    // As in MongoDB an arrow function is what the expression gives, and so true.
    ['() => false', [1, 2, 3]],
  ])('%j finds %j', async ($where, ids) => {
    expect(await idsOf({ $where })).toEqual(ids);
  });

  test('goes with other conditions, and inside of $and, $or and $nor', async () => {
    expect(await idsOf({ x: 5, $where: 'this.y > 3' })).toEqual([1]);
    expect(await idsOf({ $or: [{ $where: 'this.x > 5' }, { y: 3 }] })).toEqual([2, 3]);
    expect(await idsOf({ $nor: [{ $where: 'this.x > 5' }] })).toEqual([1, 3]);
  });

  test('is obeyed by every command that takes a query', async () => {
    const filter = { $where: 'this.x == 5' };
    expect(await c.countDocuments({ _id: { $gt: 0 } })).toBe(3);
    expect((await db.command({ count: 'things', query: filter })).n).toBe(2);
    expect(await c.distinct('y', filter)).toEqual([3, 10]);
    expect((await c.findOneAndUpdate(filter, { $set: { z: 1 } }))?._id).toBe(1);
    expect((await c.updateMany(filter, { $inc: { x: 1 } })).matchedCount).toBe(2);
    expect((await c.deleteMany({ $where: 'this.x == 6' })).deletedCount).toBe(2);
    const upserted = await c.updateOne(
      { _id: 9, $where: 'false' },
      { $set: { x: 1 } },
      { upsert: true },
    );
    expect(upserted.upsertedId).toBe(9);
  });

  test('is shown by explain as code', async () => {
    const { queryPlanner } = await c.find({ $where: 'this.x' }).explain();
    expect(queryPlanner.parsedQuery).toEqual({ $where: new Code('this.x') });
  });

  const badValue = (message: string): [number, string] => [2, message];
  test.each<[unknown, [number, string]]>([
    [{ $where: 1 }, badValue('$where got bad type')],
    [{ $where: {} }, badValue('$where got bad type')],
    [{ $where: '' }, badValue('code for $where cannot be empty')],
    [
      { $where: new Code('x', { x: 1 }) },
      [4649201, '$where no longer supports deprecated BSON type CodeWScope'],
    ],
    [
      { tags: { $elemMatch: { $where: 'true' } } },
      badValue('$where can only be applied to the top-level document'),
    ],
  ])('%j is refused', async (filter, refusal) => {
    expect(await failureOf(c.find(filter as never).toArray())).toEqual(refusal);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['a pipeline', () => c.aggregate([{ $match: { $where: 'true' } }]).toArray()],
    [
      'a view',
      () => db.createCollection('v', { viewOn: 'things', pipeline: [{ $match: { $where: '1' } }] }),
    ],
    ['a validator', () => db.createCollection('v', { validator: { $where: 'true' } })],
    [
      'a partial index',
      () => c.createIndex({ x: 1 }, { partialFilterExpression: { $where: '1' } }),
    ],
    [
      'an array filter',
      () =>
        c.updateOne({}, { $set: { 'tags.$[t]': 1 } } as never, { arrayFilters: [{ $where: '1' }] }),
    ],
    ['listCollections', () => db.listCollections({ $where: 'true' }).toArray()],
  ])('has no place in %s', async (_place, work) => {
    const [code, message] = await failureOf(work());
    expect(message).toMatch(/\$where is not allowed in this context$/);
    expect(code).toBe(2);
  });

  test.each([
    ['this.nope.deeper', 139, /TypeError/],
    ['nope', 139, /ReferenceError: .*nope/],
    ['function( {', 139, /SyntaxError/],
    ['throw "what"', 8, /uncaught exception: what/],
  ])('%j fails', async ($where, code, text) => {
    const [gotCode, message] = await failureOf(c.find({ $where }).toArray());
    expect(message).toMatch(text);
    expect(gotCode).toBe(code);
  });

  test('fails as the statement of a batch that it is', async () => {
    const [code] = await failureOf(c.updateOne({ $where: 'nope' }, { $set: { x: 1 } }));
    expect(code).toBe(139);
  });
});

describe('$function', () => {
  const doubled = {
    $function: { body: 'function(x) { return x * 2; }', args: ['$x'], lang: 'js' },
  };

  test('gives what its function gives', async () => {
    const found = await c
      .aggregate([{ $sort: { _id: 1 } }, { $project: { d: doubled } }], { promoteValues: false })
      .toArray();
    expect(found.map(({ d }) => Number(d))).toEqual([10, 30, 10]);
    expect(found[0]?._id).toEqual(new Int32(1));
  });

  test('takes the whole document, and may be the test of an $expr', async () => {
    const body = new Code('function(d, key) { return d.tags !== undefined && d[key] > 10; }');
    const $expr = { $function: { body, args: ['$$ROOT', 'x'], lang: 'js' } };
    expect(await idsOf({ $expr })).toEqual([2]);
  });

  test('takes missing fields as null, and finds no document as `this`', async () => {
    const body = 'function(x) { return [x, Object.keys(this).length]; }';
    const $project = { _id: 0, r: { $function: { body, args: ['$nope'], lang: 'js' } } };
    const found = await c.aggregate([{ $limit: 1 }, { $project }]).toArray();
    expect(found).toEqual([{ r: [null, 0] }]);
  });

  test('is there in updates by a pipeline', async () => {
    await c.updateMany({}, [{ $set: { x: doubled } }]);
    expect((await c.find().sort({ _id: 1 }).toArray()).map(({ x }) => x)).toEqual([10, 30, 10]);
  });

  const f = { body: 'function() {}', args: [], lang: 'js' };
  test.each<[number, unknown, RegExp]>([
    [31260, 1, /requires an object as an argument, found: int$/],
    [31261, { args: [], lang: 'js' }, /The body function must be specified\.$/],
    [31432, { ...f, body: '$x' }, /The body function must be a constant expression$/],
    [31262, { ...f, body: 1 }, /must evaluate to type string or code$/],
    [31263, { body: f.body, lang: 'js' }, /The args field must be specified\.$/],
    [31266, { ...f, args: 1 }, /The args field must be of type array$/],
    [31418, { body: f.body, args: [] }, /The lang field must be specified\.$/],
    [31419, { ...f, lang: 'python' }, /the only supported language specifier is 'js'\.$/],
    [139, { ...f, body: 'function() { return nope; }' }, /ReferenceError/],
  ])('%i: %j', async (code, $function, text) => {
    const [got, message] = await failureOf(
      c.aggregate([{ $project: { r: { $function } } }]).toArray(),
    );
    expect(message).toMatch(text);
    expect(got).toBe(code);
  });

  test('has no place in a validator', async () => {
    const validator = { $expr: { $function: { ...f } } };
    expect(await failureOf(db.createCollection('v', { validator }))).toEqual([
      4660800,
      '$function cannot be used inside a validator.',
    ]);
  });
});

describe('a function that takes too long', () => {
  test('is interrupted', async () => {
    await limit(50);
    const [code, message] = await failureOf(c.find({ $where: 'for (;;) {}' }).toArray());
    // With so little time a busy machine may not even have compiled it, which is before the find runs.
    expect(message).toMatch(/^(Executor error .* )?JavaScript execution interrupted$/);
    expect(code).toBe(11601);
  });

  test('ends at maxTimeMS', async () => {
    const slow = c.find({ $where: 'sleep(60000) || true' }).maxTimeMS(100);
    expect(await failureOf(slow.toArray())).toEqual([50, `${inFind}operation exceeded time limit`]);
  });

  test('is ended by killOp between its documents', async () => {
    await c.insertMany(Array.from({ length: 500 }, (_, i) => ({ _id: i + 10 })));
    // All in one batch: ten seconds in which the command is there to be found.
    const filter = { $where: 'sleep(20) || true', _id: { $gt: 0 } };
    const running = failureOf(c.find(filter).batchSize(1000).toArray());
    const admin = client.db('admin');
    for (;;) {
      const { inprog } = await admin.command({ currentOp: 1, 'command.find': 'things' });
      if (inprog.length === 0) continue;
      await admin.command({ killOp: 1, op: inprog[0].opid });
      break;
    }
    expect(await running).toEqual([11601, `${inFind}operation was interrupted`]);
  });
});

describe('a server without scripting', () => {
  const off = () => without.db.collection('things');

  test('refuses $where when it reads it, and $function when it evaluates it', async () => {
    const refusal = [6108304, 'no globalScriptEngine in $where parsing'];
    expect(await failureOf(off().find({ $where: 'true' }).toArray())).toEqual(refusal);
    expect(await failureOf(off().deleteMany({ $where: 'true' }))).toEqual(refusal);
    expect(
      await failureOf(without.db.command({ count: 'things', query: { $where: '1' } })),
    ).toEqual(refusal);
    const pipeline = [
      { $set: { r: { $function: { body: 'function() {}', args: [], lang: 'js' } } } },
    ];
    expect(await off().aggregate(pipeline).toArray()).toEqual([]);
    await off().insertOne({ x: 1 });
    expect(await failureOf(off().aggregate(pipeline).toArray())).toEqual([
      31264,
      'PlanExecutor error during aggregation :: caused by :: Cannot run server-side javascript without the javascript engine enabled',
    ]);
  });

  test('has none of its parameters', async () => {
    const [code] = await failureOf(
      without.client
        .db('admin')
        .command({ getParameter: 1, internalQueryJavaScriptFnTimeoutMillis: 1 }),
    );
    expect(code).toBe(72);
  });
});

describe('$accumulator', () => {
  const average = {
    init: 'function() { return {count: 0, sum: 0}; }',
    accumulate: 'function(state, x) { return {count: state.count + 1, sum: state.sum + x}; }',
    accumulateArgs: ['$x'],
    merge: 'function(a, b) { return {count: a.count + b.count, sum: a.sum + b.sum}; }',
    finalize: 'function(state) { return state.sum / state.count; }',
    lang: 'js',
  };

  async function grouped($accumulator: unknown, _id: unknown = '$y'): Promise<unknown[]> {
    return c
      .aggregate([{ $group: { _id, r: { $accumulator } } }, { $sort: { _id: 1 } }] as never)
      .toArray();
  }

  test('accumulates each group by its own functions', async () => {
    expect(await grouped(average)).toEqual([
      { _id: 3, r: 5 },
      { _id: 10, r: 10 },
    ]);
  });

  test('gives its state when nothing finalizes it', async () => {
    const { finalize, ...rest } = average;
    expect(finalize).toBeDefined();
    expect(await grouped(rest, null)).toEqual([{ _id: null, r: { count: 3, sum: 25 } }]);
  });

  test('hands over every document, however many', async () => {
    await c.insertMany(Array.from({ length: 250 }, (_, i) => ({ _id: i + 10, x: 5 })));
    expect(await grouped(average, null)).toEqual([{ _id: null, r: (25 + 1250) / 253 }]);
  });

  test('begins with what the group is about', async () => {
    const listed = {
      ...average,
      init: 'function(y, z) { return [y, z]; }',
      initArgs: ['$y', 'z'],
      accumulate: 'function(state, x, id) { state.push(x + id); return state; }',
      accumulateArgs: ['$x', '$_id'],
      finalize: 'function(state) { return state.join(); }',
    };
    expect(await grouped(listed, { y: '$y' })).toEqual([
      { _id: { y: 3 }, r: '3,z,8' },
      { _id: { y: 10 }, r: '10,z,6,17' },
    ]);
  });

  test.each<[number, unknown, RegExp]>([
    [4544703, 1, /^\$accumulator expects an object as an argument; found: int$/],
    [4544701, { ...average, init: '$x' }, /'init' must be a constant expression$/],
    [4544702, { ...average, merge: 1 }, /'merge' must be a String or Code$/],
    [4544704, { ...average, lang: 1 }, /lang must be a string; found: int$/],
    [4544705, { ...average, lang: 'py' }, /only supports lang: 'js'$/],
    [4544706, { ...average, more: 1 }, /got an unexpected field: more$/],
    [4544707, { ...average, init: '' }, /missing required argument 'init'$/],
    [4544708, { ...average, accumulate: '' }, /missing required argument 'accumulate'$/],
    [4544709, { ...average, merge: '' }, /missing required argument 'merge'$/],
    [4544710, { init: 'a', accumulate: 'b', merge: 'c' }, /required argument 'accumulateArgs'$/],
    [4544711, { ...average, initArgs: 1 }, /initArgs must evaluate to an array: 1$/],
    [
      4544712,
      { ...average, accumulateArgs: '$x' },
      /accumulateArgs must evaluate to an array: \d+$/,
    ],
    [139, { ...average, finalize: 'function() { return nope; }' }, /ReferenceError/],
    [139, { ...average, accumulate: 'function() { nope; }' }, /ReferenceError/],
  ])('%i: %j', async (code, $accumulator, text) => {
    const [got, message] = await failureOf(grouped($accumulator));
    expect(message).toMatch(text);
    expect(got).toBe(code);
  });
});
