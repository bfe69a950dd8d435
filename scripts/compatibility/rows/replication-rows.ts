/** What members of a set do together, and what clients see of it. */
import { Timestamp } from 'bson';
import { type Document, MongoClient } from 'mongodb';
import type { Cluster } from '../../../src/cluster/index.ts';
import { type FeatureTable, no, type Probe, type Step, yes } from '../feature-row.ts';

/** A configuration whose first member has these fields, and what the set says to it. */
function reconfig(fields: Document, answer?: number, set: Document = {}): Step[] {
  return [
    [{ replSetGetConfig: 1, $db: 'admin' }],
    [
      ({ config }) => ({
        replSetReconfig: {
          ...config,
          ...set,
          version: config.version + 1,
          members: [{ ...config.members[0], ...fields }],
        },
        $db: 'admin',
      }),
      answer,
    ],
  ];
}

async function direct<T>(set: Cluster, index: number, work: (client: MongoClient) => Promise<T>) {
  const client = new MongoClient(`mongodb://${set.hosts[index]}/?directConnection=true`);
  try {
    return await work(client);
  } finally {
    await client.close();
  }
}

async function expectRejection(work: Promise<unknown>, code: number): Promise<void> {
  const told = await work.then(
    () => 'success',
    (error: { code?: number }) => error.code,
  );
  if (told !== code) throw new Error(`${String(told)} in place of ${code}`);
}

/** A secondary's index, once it has what the set has acknowledged. */
async function secondary(set: Cluster): Promise<number> {
  const primary = await set.writable();
  return (primary + 1) % 3;
}

const readPreferences: Probe = async ({ threeMembers }) => {
  const set = await threeMembers();
  const index = await secondary(set);
  await direct(set, await set.writable(), (client) =>
    client
      .db('reads')
      .collection('c')
      .insertOne({ a: 1 }, { writeConcern: { w: 3 } }),
  );
  await direct(set, index, async (client) => {
    const db = client.db('reads');
    for (const mode of ['primaryPreferred', 'secondary', 'secondaryPreferred', 'nearest']) {
      const { cursor } = await db.command({ find: 'c' }, { readPreference: mode as never });
      if (cursor.firstBatch.length !== 1) throw new Error(`nothing was read with ${mode}`);
    }
    await expectRejection(db.command({ insert: 'c', documents: [{}] }), 10107);
  });
  const { RawClient, commandMessage } = await import('../../../test/support/raw-client.ts');
  const raw = await RawClient.connect(Number(set.hosts[index]?.split(':')[1]));
  try {
    raw.send(commandMessage({ find: 'c', $db: 'reads' }));
    const answer = await raw.answer(5000);
    if (answer.kind !== 'reply' || answer.document.code !== 13435) {
      throw new Error('a secondary is read without a read preference');
    }
  } finally {
    raw.close();
  }
};

const elections: Probe = async ({ threeMembers }) => {
  const set = await threeMembers();
  const before = await set.writable();
  await direct(set, before, (client) =>
    client.db('admin').command({ replSetStepDown: 20, secondaryCatchUpPeriodSecs: 10 }),
  );
  if ((await set.writable()) === before) throw new Error('nobody else was elected');
};

const initialSync: Probe = async ({ threeMembers }) => {
  const set = await threeMembers();
  const index = await secondary(set);
  const primary = await set.writable();
  await direct(set, primary, (client) =>
    client
      .db('copied')
      .collection('c')
      .insertOne({ a: 1 }, { writeConcern: { w: 'majority' } }),
  );
  // Members in memory begin with nothing.
  await set.stopMember(index);
  await set.startMember(index);
  await direct(set, await set.writable(), (client) =>
    client
      .db('copied')
      .collection('c')
      .insertOne({ a: 2 }, { writeConcern: { w: 3 } }),
  );
  await direct(set, index, async (client) => {
    const options = { readPreference: 'secondary' } as const;
    const copied = await client.db('copied', options).collection('c').countDocuments({});
    if (copied !== 2) throw new Error(`${copied} documents came`);
  });
};

const rollback: Probe = async ({ threeMembers }) => {
  const set = await threeMembers();
  const old = await set.writable();
  const others = [0, 1, 2].filter((index) => index !== old);
  const hosts = (list: readonly number[]) => list.map((index) => set.hosts[index] as string);
  await direct(set, old, async (client) => {
    const c = client.db('lost').collection('c');
    await c.insertOne({ kept: true }, { writeConcern: { w: 3 } });
    set.network.partition([hosts([old]), hosts(others)]);
    await c.insertOne({ kept: false }, { writeConcern: { w: 1 } }).catch(() => {});
    while (!set.primaries.some((index) => index !== old)) {
      await new Promise((next) => setTimeout(next, 10));
    }
    set.network.heal();
    const [elected] = set.primaries.filter((index) => index !== old);
    await direct(set, elected as number, (other) =>
      other
        .db('lost')
        .collection('c')
        .insertOne({ kept: true }, { writeConcern: { w: 3 } }),
    );
    const options = { readPreference: 'nearest' } as const;
    const left = await client.db('lost', options).collection('c').countDocuments({});
    if (left !== 2) throw new Error(`${left} documents are left`);
  });
};

export const replicationRows: FeatureTable = {
  title: 'Replication',
  rows: [
    yes('config: _id, version, term, protocolVersion', [
      [
        { replSetGetConfig: 1, $db: 'admin' },
        ({ config: { _id, version, term, protocolVersion } }) =>
          _id === 'rs0' && version >= 1 && term >= 1 && Number(protocolVersion) === 1,
      ],
      ...reconfig({}, 93, { protocolVersion: 0 }),
    ]),
    yes(
      'config: members with host, priority, votes, hidden, secondaryDelaySecs, tags, arbiterOnly',
      [
        ...reconfig({ tags: { dc: 'a' }, priority: 2 }),
        ...reconfig({ hidden: true }, 103),
        ...reconfig({ secondaryDelaySecs: 5 }, 103),
        ...reconfig({ votes: 2 }, 103),
        ...reconfig({ arbiterOnly: true }, 103),
        ...reconfig({ colour: 1 }, 93),
        ...reconfig({ tags: {}, priority: 1 }),
      ],
    ),
    no('config: buildIndexes: false', 'members hold the same bytes: error 238', [
      ...reconfig({ buildIndexes: false, priority: 0 }, 238),
    ]),
    no('config: horizons', 'they are told apart by TLS, which is not there yet: error 93', [
      ...reconfig({ horizons: { out: 'example.net:27017' } }, 93),
    ]),
    yes(
      'settings: chainingAllowed, heartbeatIntervalMillis, heartbeatTimeoutSecs, electionTimeoutMillis, catchUpTimeoutMillis, getLastErrorModes',
      [
        [
          { replSetGetConfig: 1, $db: 'admin' },
          ({ config: { settings } }) =>
            settings.chainingAllowed === true &&
            settings.heartbeatIntervalMillis > 0 &&
            settings.heartbeatTimeoutSecs > 0 &&
            settings.electionTimeoutMillis > 0 &&
            settings.catchUpTimeoutMillis > 0,
        ],
        ...reconfig({ tags: { dc: 'a' } }, undefined, {
          settings: { getLastErrorModes: { one: { dc: 1 } } },
        }),
        [{ insert: 'c', documents: [{}], writeConcern: { w: 'one' } }, { n: 1 }],
        ...reconfig({ tags: {} }, undefined, { settings: {} }),
      ],
    ),
    no('settings: replicaSetId', 'a set is known by its name and its members: error 93', [
      ...reconfig({}, 93, { settings: { replicaSetId: 'x' } }),
    ]),
    no(
      'settings: getLastErrorDefaults',
      '`setDefaultRWConcern` says it, as in MongoDB since 5.0: error 238',
      [...reconfig({}, 238, { settings: { getLastErrorDefaults: { w: 2, wtimeout: 0 } } })],
    ),
    no(
      'config: writeConcernMajorityJournalDefault: false',
      'what is acknowledged is durable: error 238',
      [...reconfig({}, 238, { writeConcernMajorityJournalDefault: false })],
    ),
    yes(
      'hello: setName, setVersion, electionId, primary, me, hosts, lastWrite, topologyVersion; passives, arbiters, tags, hidden, secondaryDelaySecs of who has them',
      [
        [
          { hello: 1 },
          ({ setName, setVersion, electionId, primary, me, hosts, lastWrite, topologyVersion }) =>
            setName === 'rs0' &&
            setVersion > 0 &&
            electionId !== undefined &&
            primary === me &&
            hosts[0] === me &&
            lastWrite.majorityOpTime !== undefined &&
            topologyVersion.counter >= 0,
        ],
        ...reconfig({ tags: { dc: 'b' } }),
        [{ hello: 1 }, { tags: { dc: 'b' } }],
      ],
    ),
    yes(
      'read preferences primary, primaryPreferred, secondary, secondaryPreferred, nearest; codes 10107 and 13435',
      readPreferences,
    ),
    yes(
      'tags and maxStalenessSeconds of a read preference',
      [
        [{ hello: 1 }, ({ lastWrite }) => lastWrite.lastWriteDate instanceof Date],
        [
          {
            find: 'c',
            $readPreference: { mode: 'secondary', tags: [{ dc: 'a' }], maxStalenessSeconds: 120 },
          },
        ],
        [{ find: 'c', $readPreference: { mode: 'closest' } }, 2],
      ],
      'drivers choose the member by them, from what hello says',
    ),
    yes('elections', elections, 'by Ark, see algorithm.md'),
    yes('initial sync', initialSync, 'stays readable by its source while it copies'),
    yes('rollback, chained replication', rollback, 'what was undone is kept in files'),
    no('flow control', 'a secondary that lags behind does not slow the primary', [
      [{ getParameter: 1, enableFlowControl: 1, $db: 'admin' }, 72],
    ]),
    yes('oplog: `appendOplogNote`, a size by `--oplogSize`', [
      [{ appendOplogNote: 1, data: { note: 'seen' }, $db: 'admin' }],
      [
        { find: 'oplog.rs', filter: { op: 'n', 'o.note': 'seen' }, $db: 'local' },
        ({ cursor: { firstBatch } }) => firstBatch.length === 1,
      ],
      [{ collStats: 'oplog.rs', $db: 'local' }, ({ maxSize }) => maxSize > 0],
    ]),
    yes(
      '`replSetGetRBID`',
      [[{ replSetGetRBID: 1, $db: 'admin' }, ({ rbid }) => rbid >= 1]],
      'internal, as in MongoDB',
    ),
    yes(
      '`replSetFreeze`, `replSetMaintenance`, `replSetSyncFrom` of a secondary; `replSetGetStatus`',
      [
        [{ replSetFreeze: 1, $db: 'admin' }, 95],
        [{ replSetMaintenance: 1, $db: 'admin' }, 95],
        [{ replSetSyncFrom: '127.0.0.1:1', $db: 'admin' }, 74],
        [
          { replSetGetStatus: 1, $db: 'admin' },
          { set: 'rs0', myState: 1, members: [{ stateStr: 'PRIMARY', self: true }] },
        ],
      ],
    ),
  ],
};

const changeStream = (options: Document, command: Document = {}): Step => [
  { aggregate: 'c', pipeline: [{ $changeStream: options }], cursor: {}, ...command },
  238,
];

const noChangeStreams = 'there are no change streams yet: error 238';

export const changeStreamRows: FeatureTable = {
  title: 'Change streams',
  rows: [
    no(
      'on a collection, a database, all of the deployment (allChangesForCluster)',
      noChangeStreams,
      [
        changeStream({}),
        changeStream({}, { aggregate: 1 }),
        changeStream({ allChangesForCluster: true }, { aggregate: 1, $db: 'admin' }),
      ],
    ),
    no(
      'events insert, update, replace, delete, drop, rename, dropDatabase, invalidate; updateDescription with updatedFields, removedFields, truncatedArrays',
      noChangeStreams,
      [changeStream({})],
    ),
    no('showExpandedEvents, disambiguatedPaths, collectionUUID, wallTime', noChangeStreams, [
      changeStream({ showExpandedEvents: true }),
    ]),
    no(
      'resumeAfter, startAfter, startAtOperationTime, postBatchResumeToken, tokens that sort',
      noChangeStreams,
      [
        changeStream({ resumeAfter: { _data: '82' } }),
        changeStream({ startAfter: { _data: '82' } }),
        changeStream({ startAtOperationTime: new Timestamp({ t: 1, i: 1 }) }),
      ],
    ),
    no(
      'fullDocument: default, updateLookup, whenAvailable, required; fullDocumentBeforeChange: off, whenAvailable, required',
      noChangeStreams,
      [
        changeStream({ fullDocument: 'updateLookup' }),
        changeStream({ fullDocumentBeforeChange: 'whenAvailable' }),
      ],
    ),
    no('stages after `$changeStream`, `$changeStreamSplitLargeEvent`', noChangeStreams, [
      changeStream({}),
      [{ aggregate: 'c', pipeline: [{ $changeStreamSplitLargeEvent: {} }], cursor: {} }, 238],
    ]),
  ],
};
