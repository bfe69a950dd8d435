// A smoke test through the Node driver found in the working folder: node smoke.mjs URI
import { createRequire } from 'node:module';

const require = createRequire(`${process.cwd()}/`);
const { MongoClient } = require('mongodb');
const { version } = require('mongodb/package.json');

const client = new MongoClient(process.argv[2]);
const hosts = new Set();
client.on('topologyDescriptionChanged', ({ newDescription }) => {
  for (const [host, server] of newDescription.servers) {
    if (server.type === 'RSPrimary' || server.type === 'RSSecondary') hosts.add(host);
  }
});

function check(claim, holds) {
  if (!holds) throw new Error(`not so: ${claim}`);
}

await client.connect();
const people = client.db(`smoke_node_${version.replaceAll('.', '_')}`).collection('people');
await people.deleteMany({});
const { insertedCount } = await people.insertMany(
  [3, 1, 2].map((n) => ({ _id: n, name: `person ${n}`, tags: ['a', `t${n}`], at: { x: n } })),
  { writeConcern: { w: 'majority' } },
);
check('three documents are inserted', insertedCount === 3);
await people.createIndex({ 'at.x': 1 });
const found = await people
  .find({ 'at.x': { $gt: 1 } })
  .sort({ 'at.x': -1 })
  .limit(5)
  .toArray();
check('a range is found in order', found.map(({ _id }) => _id).join() === '3,2');
const { modifiedCount } = await people.updateMany(
  { tags: 't2' },
  { $inc: { 'at.x': 10 }, $push: { tags: 'b' } },
);
check('one document is modified', modifiedCount === 1);
const groups = await people
  .aggregate([
    { $unwind: '$tags' },
    { $group: { _id: '$tags', n: { $sum: 1 } } },
    { $sort: { n: -1, _id: 1 } },
  ])
  .toArray();
check('a group counts', groups[0]._id === 'a' && groups[0].n === 3);
const twice = await people.insertOne({ _id: 1 }).catch((error) => error);
check('a second _id is refused', twice.code === 11000);
const onSecondary = await people
  .find({}, { readPreference: 'secondary' })
  .maxTimeMS(5000)
  .toArray();
check('a secondary answers', onSecondary.length <= 3);
const session = client.startSession();
check('a session is there', session.id !== undefined);
await session.endSession();
await people.deleteOne({ _id: 1 });
check('two are left', (await people.countDocuments({})) === 2);
const deadline = Date.now() + 5000;
while (hosts.size < 3 && Date.now() < deadline) await new Promise((next) => setTimeout(next, 20));
check('three members are discovered', hosts.size === 3);
await client.close();
console.log(`mongodb ${version}: ok`);
