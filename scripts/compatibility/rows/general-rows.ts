/** Fields that every command may carry, and the forms of errors. */
import { Timestamp } from 'bson';
import { type FeatureTable, no, type Probe, type Step, threeThings, yes } from '../feature-row.ts';
import { repeatedWrite } from '../repeated-write.ts';

const noTransactions = 'there are no multi-document transactions yet: error 238';

function ping(fields: Record<string, unknown>, answer?: Step[1]): Step {
  return [{ ping: 1, ...fields }, answer];
}

/** A number that was used already answers from the record of the first execution. */
const retryableWrites: Probe = async (bed) => {
  const { n, retriedStmtIds } = await repeatedWrite(bed, { insert: 'c', documents: [{ _id: 1 }] });
  if (n !== 1 || String(retriedStmtIds) !== '0') throw new Error('it was written again');
};

export const generalRows: FeatureTable = {
  title: 'Fields of every command',
  rows: [
    yes('`$db`', [[{ find: 'c', $db: 'bad/name' }, 73]]),
    yes(
      '`comment`, of any type',
      [
        threeThings,
        [{ profile: 2 }],
        [{ find: 'things', comment: { of: 'mine' }, batchSize: 1 }],
        [({ cursor: { id } }) => ({ getMore: id, collection: 'things' })],
        [{ profile: 0 }],
        [{ count: 'system.profile', query: { 'command.comment.of': 'mine' } }, { n: 2 }],
      ],
      'in currentOp, system.profile and the log; a getMore has that of the first command',
    ),
    yes('`maxTimeMS` (50)', [
      ping({ maxTimeMS: -1 }, 2),
      [
        {
          configureFailPoint: 'failCommand',
          mode: { times: 1 },
          data: { failCommands: ['find'], blockConnection: true, blockTimeMS: 60_000 },
          $db: 'admin',
        },
      ],
      [{ find: 'c', maxTimeMS: 5 }, 50],
    ]),
    yes('`readConcern`: local, available, majority, linearizable, afterClusterTime', [
      threeThings,
      ...['local', 'available', 'majority', 'linearizable'].map(
        (level): Step => [
          { find: 'things', readConcern: { level } },
          ({ cursor: { firstBatch } }) => firstBatch.length === 3,
        ],
      ),
      [
        {
          find: 'things',
          readConcern: { afterClusterTime: new Timestamp({ t: 4_000_000_000, i: 1 }) },
        },
        72,
      ],
      [{ find: 'things', readConcern: { level: 'best' } }, 2],
    ]),
    no('`readConcern`: snapshot, atClusterTime', noTransactions, [
      [{ find: 'c', readConcern: { level: 'snapshot' } }, 238],
      [
        {
          find: 'c',
          readConcern: { level: 'snapshot', atClusterTime: new Timestamp({ t: 1, i: 1 }) },
        },
        238,
      ],
    ]),
    yes('`writeConcern`: w as a number, "majority", a mode, tags; wtimeout', [
      [{ insert: 'c', documents: [{}], writeConcern: { w: 1 } }, { n: 1 }],
      [{ insert: 'c', documents: [{}], writeConcern: { w: 'majority' } }, { n: 1 }],
      [
        { insert: 'c', documents: [{}], writeConcern: { w: 2, wtimeout: 1 } },
        { n: 1, writeConcernError: { code: 100 } },
      ],
      [
        { insert: 'c', documents: [{}], writeConcern: { w: 'moon' } },
        { writeConcernError: { code: 79 } },
      ],
      [{ find: 'c', writeConcern: { w: 1 } }, 72],
    ]),
    yes(
      '`writeConcern`: j, fsync',
      [[{ insert: 'c', documents: [{}], writeConcern: { w: 1, j: false } }, { n: 1 }]],
      'without effect: every acknowledged write is durable, `w: 1` too',
    ),
    yes(
      '`lsid`, `txnNumber`: retryable writes',
      retryableWrites,
      'a retried findAndModify whose answer is larger than 1 MB is not executed again, but answers error 217',
    ),
    no('`startTransaction`, `autocommit`', noTransactions, [
      [{ find: 'c', startTransaction: true, autocommit: false }, 238],
    ]),
    yes(
      '`$clusterTime`, operationTime: causal consistency',
      [ping({}, ({ $clusterTime, operationTime }) => $clusterTime.clusterTime.gte(operationTime))],
      'cluster times are not signed',
    ),
    yes('`help`', [ping({ help: true }, ({ help }) => help.startsWith('help for: ping'))]),
    yes(
      '`$audit`, `$client`, `$configServerState`, `$configTime`, `$oplogQueryData`, `$queryOptions`, `$replData`, `$topologyTime`, `allowImplicitCollectionCreation`, `clientOperationKey`, `coordinator`, `databaseVersion`, `maxTimeMSOpOnly`, `mayBypassWriteBlocking`, `requestGossipRoutingCache`, `shardVersion`, `traceCtx`',
      [
        ping({ $audit: {}, $client: {}, $configServerState: {}, $queryOptions: {} }, { ok: 1 }),
        ping({ mayBypassWriteBlocking: true, maxTimeMSOpOnly: 1, coordinator: true }, { ok: 1 }),
      ],
      'without effect: what routers and members of a sharded cluster say to each other, and there is none',
    ),
    yes('`$readPreference`', [[{ find: 'c', $readPreference: { mode: 'closest' } }, 2]]),
    yes('`apiVersion`, `apiStrict`', [
      ping({ apiVersion: '2' }, 322),
      ping({ apiStrict: true }, 72),
      ping({ apiVersion: '1', apiStrict: true }, { ok: 1 }),
      [{ serverStatus: 1, apiVersion: '1', apiStrict: true }, 323],
      [{ find: 'c', showRecordId: true, apiVersion: '1', apiStrict: true }, 323],
      [
        {
          createIndexes: 'c',
          indexes: [{ key: { a: 'text' }, name: 't' }],
          apiVersion: '1',
          apiStrict: true,
        },
        323,
      ],
    ]),
    yes(
      '`apiDeprecationErrors`',
      [
        ping({ apiVersion: '1', apiDeprecationErrors: true }, { ok: 1 }),
        ping({ apiDeprecationErrors: true }, 72),
      ],
      'without effect: nothing of version 1 is deprecated',
    ),
    yes('writeErrors, writeConcernError, errorLabels, code, codeName, errInfo', [
      threeThings,
      [
        { insert: 'things', documents: [{ _id: 1 }] },
        { writeErrors: [{ index: 0, code: 11000, keyValue: { _id: 1 } }] },
      ],
      [{ find: 'things', filter: { $no: 1 } }, 2],
    ]),
    yes('limits: documents of 16 MiB, 100,000 writes a batch, 100 levels', [
      [
        { hello: 1 },
        {
          maxBsonObjectSize: 16_777_216,
          maxWriteBatchSize: 100_000,
          maxMessageSizeBytes: 48_000_000,
        },
      ],
      [{ insert: 'c', documents: [{ s: 'x'.repeat(16_777_216) }] }, 10334],
    ]),
  ],
};
