// mongodb-memory-server, unchanged, starts arkd in the place of mongod: node memory-server.mjs
// The working folder holds the package; MONGOMS_SYSTEM_BINARY names the executable.
import { createRequire } from 'node:module';

const require = createRequire(`${process.cwd()}/`);
const { MongoClient } = require('mongodb');
// By a variable: it is a package of the working folder, none of this one's.
const memoryServer = 'mongodb-memory-server-core';
const { MongoMemoryReplSet, MongoMemoryServer } = require(memoryServer);

async function writeAndRead(uri) {
  const client = await MongoClient.connect(uri);
  const things = client.db('memory').collection('things');
  await things.insertMany([{ _id: 1 }, { _id: 2 }]);
  const count = await things.countDocuments();
  await client.close();
  if (count !== 2) throw new Error(`not so: two documents are found, but ${count}`);
}

// From its source, arkd starts more slowly than the ten seconds the package allows on a busy machine.
const launchTimeout = 60_000;
const binary = { version: '8.0.15' };
const server = await MongoMemoryServer.create({ binary, instance: { launchTimeout } });
await writeAndRead(server.getUri());
await server.stop();
console.log('MongoMemoryServer: ok');

const set = await MongoMemoryReplSet.create({
  binary,
  replSet: { count: 3, name: 'testset' },
  instanceOpts: [{ launchTimeout }, { launchTimeout }, { launchTimeout }],
});
await writeAndRead(set.getUri());
await set.stop();
console.log('MongoMemoryReplSet: ok');
