/**
 * What is no name in a table of the server: options, kinds, values, semantics. Each row was tried against a
 * running member; `no` says why, or what happens instead.
 */
export type FeatureRow = readonly [feature: string, answer: 'yes' | 'no', remark?: string];

export interface FeatureTable {
  readonly title: string;
  readonly rows: readonly FeatureRow[];
}

const noTransactions = 'no multi-document transactions yet: error 238';

export const featureTables: readonly FeatureTable[] = [
  {
    title: 'Projection of find',
    rows: [
      ['positional `$`, `$elemMatch`, `$slice`', 'yes'],
      [
        '`$meta`: textScore, indexKey, recordId, sortKey, randVal, geoNearDistance, geoNearPoint',
        'yes',
        'in the fields of a findAndModify error 238',
      ],
      ['`$meta` words of searches', 'no', 'there is no search engine'],
      ['expressions; inclusion, exclusion and the rules of `_id`; nested and dotted paths', 'yes'],
    ],
  },
  {
    title: 'Options of commands',
    rows: [
      [
        '`find`: filter, projection, sort, skip, limit, batchSize, singleBatch, hint, min, max, returnKey, showRecordId, collation, let, comment, maxTimeMS',
        'yes',
      ],
      [
        '`find`: tailable, awaitData, noCursorTimeout, oplogReplay, allowPartialResults',
        'yes',
        'the last two change nothing, as in a replica set of MongoDB',
      ],
      [
        '`allowDiskUse` of find and aggregate',
        'no',
        'accepted, and the limit of a stage holds either way, as nothing is ever written to disk: error 292',
      ],
      ['`insert`: documents, ordered, bypassDocumentValidation, bypassEmptyTsReplacement', 'yes'],
      [
        '`update`: q, u, c, upsert, multi, arrayFilters, collation, hint, sort, let, ordered; pipelines',
        'yes',
      ],
      ['`delete`: q, limit, collation, hint, let, ordered', 'yes'],
      [
        '`findAndModify`: query, sort, remove, update, new, fields, upsert, arrayFilters, collation, hint, let',
        'yes',
      ],
      [
        '`aggregate`: cursor, collation, hint, let, comment, maxTimeMS, explain, on a database',
        'yes',
      ],
      ['`count`, `distinct`: query, limit, skip, hint, collation, comment, maxTimeMS', 'yes'],
      [
        '`bulkWrite`: ops, nsInfo, ordered, errorsOnly, cursor, let, bypassDocumentValidation',
        'yes',
      ],
      [
        '`getMore`: batchSize, maxTimeMS, comment',
        'yes',
        'the comment of the first command is not inherited',
      ],
      ['`collectionUUID`', 'no', 'error 40415, but of drop and renameCollection'],
      ['`readConcern`: local, available, majority, linearizable, afterClusterTime', 'yes'],
      ['`readConcern`: snapshot, atClusterTime', 'no', noTransactions],
      ['`writeConcern`: w, j, wtimeout', 'yes'],
      [
        '`lsid`, `txnNumber`, `$clusterTime`, `$readPreference`, `apiVersion`, `apiStrict`, `apiDeprecationErrors`',
        'yes',
      ],
      ['`startTransaction`, `autocommit`', 'no', noTransactions],
      ['writeErrors, writeConcernError, errorLabels, errInfo of validation', 'yes'],
      [
        '`explain`: queryPlanner, executionStats, allPlansExecution',
        'yes',
        'of find, aggregate, count, distinct, update, delete and findAndModify; `bulkWrite` is refused; distinct has no DISTINCT_SCAN and count no COUNT_SCAN',
      ],
      ['`fsync` with `lock`', 'no', 'error 238'],
      ['`dataSize` with keyPattern, min, max', 'no', 'error 238'],
      ['`validate` with repair, fixMultikey', 'no', 'error 72, as on a member of a set'],
    ],
  },
  {
    title: 'Collections',
    rows: [
      [
        'capped: size, max, order, eviction, tailable cursors',
        'yes',
        'one insert evicts 512 documents at most; `convertToCapped` keeps the UUID',
      ],
      ['validator, validationLevel, validationAction, errInfo', 'yes'],
      ['views, nested ones too; read-only', 'yes'],
      ['default collation', 'yes'],
      [
        'time series: timeField, metaField, granularity, bucket spans, expiry',
        'yes',
        'each measurement is a document, ordered by time: `system.buckets` collections are not listed, but read as if each measurement were a bucket of its own, and what is inserted there is taken apart, unless it is compressed (versions 2 and 3); statistics count no buckets, explain shows the stages of any other collection, and what has expired goes measurement by measurement',
      ],
      ['clustered', 'yes'],
      ['changeStreamPreAndPostImages', 'no', 'kept and listed; there are no change streams yet'],
      [
        'storageEngine, indexOptionDefaults',
        'no',
        'checked; what asks for something of WiredTiger is refused with error 238',
      ],
      [
        'encryptedFields, temp, flags',
        'no',
        'error 238: there are no indexes of encrypted values; `temp` and `flags` are of MongoDB itself',
      ],
      ['`collMod` of indexes, validators, views, capped sizes and time series, with dryRun', 'yes'],
      ['rules of names, 255 bytes of namespace, `system.` names, implicit creation, UUIDs', 'yes'],
      ['GridFS', 'yes'],
      ['`local.oplog.rs`, readable by tools', 'yes'],
      ['`system.profile`', 'yes', 'kept in the memory of each member until it ends'],
      [
        '`system.views`, `system.js`, `admin.system.version`, `local.startup_log`, `local.system.replset`',
        'yes',
        'of `startup_log` this start',
      ],
      [
        '`admin.system.users`, `admin.system.roles`, `config.transactions`, `config.system.sessions`',
        'no',
        'empty: there are no users yet, and sessions are kept apart',
      ],
    ],
  },
  {
    title: 'Indexes',
    rows: [
      ['_id; single-field and compound (32 fields), ascending and descending; multikey', 'yes'],
      ['unique, sparse, partial, TTL, hidden, prepareUnique, with collation', 'yes'],
      ['hashed and compound hashed; wildcard and compound wildcard with wildcardProjection', 'yes'],
      ['2dsphere version 3 and 2d, with other fields', 'yes'],
      [
        'text version 3: weights, default_language, language_override, wildcard',
        'yes',
        'fifteen languages; the stop words are those of the Snowball project',
      ],
      ['text versions 1 and 2', 'no', 'error 238'],
      ['clustered', 'yes'],
      [
        'built while others write; `commitQuorum`, `setIndexCommitQuorum`',
        'yes',
        'without a quorum a build waits for nobody, where MongoDB waits for all voting members: here every member repeats a build entry by entry',
      ],
      ['limits of keys and names, the same index again, conflicts (85, 86)', 'yes'],
      ['hints by name, by key and `$natural`; min and max; covered reads; order by index', 'yes'],
      ['plans of `$or`, plan cache, trials of several plans, index filters, query settings', 'yes'],
      ['intersections of indexes', 'no', 'one index for each clause of a query'],
    ],
  },
  {
    title: 'Collation, values, text and places',
    rows: [
      [
        'all locales and options: strength, caseLevel, caseFirst, numericOrdering, alternate, maxVariable, backwards, normalization',
        'yes',
        'of operations, collections, indexes and views',
      ],
      [
        'all BSON types, the deprecated ones too; decimals of 34 digits; NaN, infinities, -0',
        'yes',
      ],
      [
        'names with dots and dollars, empty names, names that look like numbers, the order of fields',
        'yes',
      ],
      ['the order of all types, equality of numbers across their four types', 'yes'],
      ['Timestamp(0, 0) filled in by the server', 'yes', 'in top-level fields'],
      ['text: phrases, negation, stemming, diacritics, case', 'yes'],
      [
        'GeoJSON and legacy pairs, sphere and plane, holes, the antimeridian, strict winding',
        'yes',
      ],
    ],
  },
  {
    title: 'Replication',
    rows: [
      [
        'config: members with priority, votes, hidden, secondaryDelaySecs, tags, arbiterOnly, horizons',
        'yes',
        '`buildIndexes: false` is refused: members hold the same bytes',
      ],
      [
        'settings: chainingAllowed, heartbeat and election times, catch-up times, getLastErrorModes',
        'yes',
      ],
      [
        'writeConcernMajorityJournalDefault: false',
        'no',
        'refused: what is acknowledged is durable',
      ],
      ['hello of a set; read preferences, tags, maxStalenessSeconds', 'yes'],
      ['elections, rollback, initial sync, chained replication', 'yes', 'by Ark; see algorithm.md'],
      ['causal consistency', 'yes', 'cluster times are not signed'],
      [
        'retryable writes and reads; sessions with their 30 minutes',
        'yes',
        'a retried findAndModify whose answer is larger than 1 MB is not executed again, but answers error 217',
      ],
      ['flow control', 'no', 'not there yet'],
      ['change streams', 'no', 'not there yet: error 238'],
      [
        'authentication, roles, TLS, internal authentication, auditing, encryption',
        'no',
        'not there yet; auditing, LDAP and encryption at rest are of MongoDB Enterprise',
      ],
      ['sharding', 'no', 'none is planned'],
    ],
  },
];
