// A scripted mongosh session: every step must do what it says; the first that does not ends it.
function step(name, run, holds = () => true) {
  const value = run();
  if (!holds(value)) throw new Error(`${name}: unexpected ${EJSON.stringify(value)}`);
  print(`  ${name}: ok`);
  return value;
}

step(
  'db.hello',
  () => db.hello(),
  (hello) => hello.setName === 'rs0' && hello.hosts.length === 3,
);
step(
  'show dbs',
  () => db.adminCommand({ listDatabases: 1 }),
  (dbs) => dbs.ok === 1,
);
step(
  'getDBNames',
  () => db.getMongo().getDBNames(),
  (names) => names.includes('local'),
);
db = db.getSiblingDB('shell_session');
db.people.drop();
step(
  'insertMany',
  () =>
    db.people.insertMany(
      Array.from({ length: 100 }, (_, i) => ({ _id: i, n: i % 10, name: `person ${i}` })),
    ),
  (result) => Object.keys(result.insertedIds).length === 100,
);
step(
  'show collections',
  () => db.getCollectionNames(),
  (names) => names.includes('people'),
);
step(
  'find, filter, sort, limit',
  () =>
    db.people
      .find({ n: { $gte: 5 } })
      .sort({ _id: -1 })
      .limit(3)
      .toArray(),
  (found) => found.map((d) => d._id).join() === '99,98,97',
);
step(
  'createIndex',
  () => db.people.createIndex({ n: 1, name: -1 }),
  (name) => name === 'n_1_name_-1',
);
step(
  'getIndexes',
  () => db.people.getIndexes(),
  (indexes) => indexes.length === 2,
);
step(
  'explain shows IXSCAN',
  () => db.people.find({ n: 3 }).explain('executionStats'),
  (plan) =>
    JSON.stringify(plan.queryPlanner.winningPlan).includes('"IXSCAN"') &&
    plan.executionStats.nReturned === 10,
);
step(
  'explain shows COLLSCAN',
  () => db.people.find({ name: 'x' }).explain(),
  (plan) => JSON.stringify(plan.queryPlanner.winningPlan).includes('"COLLSCAN"'),
);
step(
  'updateMany',
  () => db.people.updateMany({ n: 3 }, { $set: { seen: true }, $inc: { n: 100 } }),
  (result) => result.modifiedCount === 10,
);
step(
  'findOneAndUpdate',
  () =>
    db.people.findOneAndUpdate({ _id: 1 }, { $push: { log: 'x' } }, { returnDocument: 'after' }),
  (found) => found.log[0] === 'x',
);
step(
  'aggregate with $group',
  () =>
    db.people
      .aggregate([
        { $match: { _id: { $lt: 50 } } },
        { $group: { _id: '$n', count: { $sum: 1 }, mean: { $avg: '$_id' } } },
        { $sort: { _id: 1 } },
      ])
      .toArray(),
  (groups) => groups.length === 10 && groups[0].count === 5,
);
step(
  'countDocuments',
  () => db.people.countDocuments({ seen: true }),
  (n) => n === 10,
);
step(
  'distinct',
  () => db.people.distinct('n'),
  (values) => values.length === 10,
);
step(
  'deleteOne',
  () => db.people.deleteOne({ _id: 99 }),
  (result) => result.deletedCount === 1,
);
step(
  'rs.status',
  () => rs.status(),
  (status) => status.members.length === 3 && status.members.some((m) => m.stateStr === 'PRIMARY'),
);
step(
  'rs.conf',
  () => rs.conf(),
  (config) => config._id === 'rs0' && config.members.length === 3,
);
step('rs.printReplicationInfo', () => rs.printReplicationInfo());
step('rs.printSecondaryReplicationInfo', () => rs.printSecondaryReplicationInfo());
step(
  'db.getReplicationInfo',
  () => db.getReplicationInfo(),
  (info) => info.errmsg === undefined,
);
step(
  'db.stats',
  () => db.stats(),
  (stats) => stats.ok === 1 && Number(stats.objects) === 99,
);
step(
  'db.people.stats',
  () => db.people.stats(),
  (stats) => Number(stats.count) === 99,
);
step(
  'db.serverStatus',
  () => db.serverStatus(),
  (status) => status.ok === 1 && status.repl.setName === 'rs0',
);
step(
  'db.people.validate',
  () => db.people.validate(),
  (result) => result.valid === true,
);
step(
  'db.currentOp',
  () => db.currentOp(),
  (ops) => ops.ok === 1,
);
step(
  'local.oplog.rs',
  () => db.getSiblingDB('local').oplog.rs.find().sort({ $natural: -1 }).limit(1).toArray(),
  (entries) => entries.length === 1 && Number(entries[0].v) === 2,
);
step(
  'rs.stepDown',
  () => rs.stepDown(5),
  (result) => result.ok === 1,
);
let again;
for (let i = 0; i < 100 && again === undefined; i++) {
  try {
    again = db.people.insertOne({ _id: 1000 }, { writeConcern: { w: 'majority' } });
  } catch (_error) {
    sleep(100);
  }
}
step(
  'a write after the step-down',
  () => again,
  (result) => result !== undefined && result.insertedId === 1000,
);
step(
  'renameCollection',
  () => db.people.renameCollection('persons'),
  (result) => result.ok === 1,
);
step(
  'dropIndex',
  () => db.persons.dropIndex('n_1_name_-1'),
  (result) => result.ok === 1,
);
step(
  'dropDatabase',
  () => db.dropDatabase(),
  (result) => result.ok === 1,
);
print('mongosh session: ok');
