/**
 * Writes docs/compatibility.md from the tables the server itself answers from: `npm run
 * compatibility`. With --check it writes nothing and ends with code 1 when the page is not current.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { accumulators } from '../src/aggregation/accumulators/index.ts';
import { missingStages, stages } from '../src/aggregation/stages/index.ts';
import { searchStages } from '../src/aggregation/stages/search.ts';
import { commandTable } from '../src/commands/index.ts';
import { searchIndexCommands } from '../src/commands/search-indexes.ts';
import { userManagement } from '../src/commands/user-management.ts';
import { operators } from '../src/expressions/operators/index.ts';
import { documentStages } from '../src/query/index.ts';
import { keywords as schemaKeywords } from '../src/query/json-schema/keywords/index.ts';
import { fieldOperators } from '../src/query/operators/index.ts';
import { updateOperators } from '../src/query/update/index.ts';

const page = fileURLToPath(new URL('../docs/compatibility.md', import.meta.url));

/** Read outside of the operator tables, by the parsers themselves. */
const parsedFieldOperators = ['$regex', '$options'];
const parsedTopLevelOperators = [
  '$and',
  '$or',
  '$nor',
  '$comment',
  '$expr',
  '$jsonSchema',
  '$sampleRate',
  '$where',
  '$alwaysTrue',
  '$alwaysFalse',
  '$text',
];
const parsedUpdateOperators = ['$rename'];

const refusedCommands = [...userManagement, ...searchIndexCommands].map(({ name }) => name);
const refusedStages = searchStages.map(({ name }) => name);

/** Commands of MongoDB 8.0 that are not here, by the reason. */
const missingCommands: Readonly<Record<string, readonly string[]>> = {
  'server-side JavaScript in commands; an aggregation says the same': ['mapReduce'],
  'there are no indexes of encrypted values': ['compactStructuredEncryptionData'],
  'members and clients are not authenticated yet, nor is anything signed or encrypted': [
    'rotateCertificates',
  ],
  'parameters belong to one member, what the set agrees on is in its configuration': [
    'getClusterParameter',
    'setClusterParameter',
    'setUserWriteBlockMode',
  ],
  'there is one version of the data, and the server says which': ['setFeatureCompatibilityVersion'],
  'writes are not held up, so there is nothing to let go': ['fsyncUnlock'],
  'freed pages are used again without being asked': ['autoCompact'],
  'an index is built anew by dropping and creating it': ['reIndex'],
  'members have one connection to each other, which `connPoolStats` shows': [
    'connPoolSync',
    'dropConnections',
    'shardConnPoolStats',
  ],
  'about sharding, which is not planned': ['isdbgrid'],
  'about what is inside MongoDB': [
    '_isSelf',
    'availableQueryOptions',
    'cursorInfo',
    'driverOIDTest',
    'features',
    'lockInfo',
    'netstat',
  ],
  'for tests of MongoDB itself': ['echo', 'sleep'],
  'of MongoDB Enterprise': ['getAuditConfig', 'logApplicationMessage', 'setAuditConfig'],
};

const collectionKinds = [
  'Capped collections, with tailable cursors; one insert evicts 512 documents at most, and `convertToCapped` keeps the UUID',
  'Clustered collections',
  'Time series collections. Each measurement is kept as a document, and the natural order is that of the time. There are no buckets: `system.buckets` collections are neither listed nor readable, so that `mongodump` cannot copy a time series, statistics count no buckets, and explain shows the stages of any other collection. What has expired goes measurement by measurement',
  'Validators, with their levels and actions, and `errInfo`',
  'Views of the stages there are',
  '`storageEngine` and `indexOptionDefaults` that say nothing, and are listed; settings of WiredTiger are refused',
  '`changeStreamPreAndPostImages`, kept and listed; there are no change streams yet to show them',
  '`admin.system.version`, `local.startup_log` of this start, `local.system.replset` and the oplog, to read',
  '`system.profile`, kept in the memory of each member until it ends',
  'Collations, of operations, collections, indexes and views: all locales and options',
];

const indexKinds = [
  'Single-field, compound and multikey indexes, ascending and descending',
  'Unique, sparse, partial, TTL and hidden ones, and `collMod` of each',
  'Hashed, wildcard, 2dsphere and 2d indexes, with other fields too',
  'Text indexes, for `$text`: version 3, fifteen languages, weights, wildcards, other fields before and behind; their stop words are those of the Snowball project',
  'Hints, index filters, explain',
  '`commitQuorum`, and `setIndexCommitQuorum` while a build waits; without one a build waits for nobody, where MongoDB waits for all voting members: here every member repeats a build entry by entry',
];

const missingKinds = [
  'text indexes of versions 1 and 2',
  '`encryptedFields` of `create`, which is checked and then refused: there are no indexes of encrypted values',
  '`temp` and `flags` of `create`, which are of MongoDB itself and of an engine it no longer has',
];

function sentences(list: readonly string[]): string {
  return list.map((sentence) => `${sentence}.`).join(' ');
}

function names(list: Iterable<string>): string {
  return [...list]
    .sort()
    .map((name) => `\`${name}\``)
    .join(' ');
}

function commandRows(): string {
  const refused = new Set(refusedCommands);
  const rows = [...new Set(commandTable.values())]
    .filter(({ name, access }) => access !== 'internal' && !refused.has(name))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, aliases, help }) => {
      const spellings = (aliases ?? []).map((alias) => `, \`${alias}\``).join('');
      return `| \`${name}\`${spellings} | ${help} |`;
    });
  return ['| command | what it does |', '|---|---|', ...rows].join('\n');
}

function missingCommandRows(): string {
  const rows = Object.entries(missingCommands).map(([reason, missing]) => {
    const present = missing.filter((name) => commandTable.has(name));
    if (present.length > 0) throw new Error(`${present} is said to be missing, and is there`);
    return `| ${names(missing)} | ${reason} |`;
  });
  return ['| missing | because |', '|---|---|', ...rows].join('\n');
}

function text(): string {
  return `# Compatibility

Generated by \`npm run compatibility\` from the tables the server answers from, and kept current by a
test. arkset says it is MongoDB 8.0 (wire version 25) and answers what is listed here. What is listed
as missing is refused with error 238, NotImplemented, or with MongoDB's own error for it; no option is
accepted and ignored.

## Commands

${commandRows()}

Refused: ${names(refusedCommands)}.
Any other command: error 59, CommandNotFound. These are commands of MongoDB 8.0:

${missingCommandRows()}

## Query operators

${names([...fieldOperators.keys(), ...parsedFieldOperators, ...parsedTopLevelOperators])}

Keywords of \`$jsonSchema\`: ${names(schemaKeywords.keys())}

## Update operators

${names([...updateOperators.keys(), ...parsedUpdateOperators])}; replacement documents; upserts. Positional \`$\`,
\`$[]\` and \`$[identifier]\` with \`arrayFilters\`; \`$each\`, \`$position\`, \`$slice\`, \`$sort\` in \`$push\`.

Updates by a pipeline, of the stages ${names(documentStages.map(({ name }) => name))}.

## Aggregation

Stages: ${names([...stages.keys()].filter((name) => !refusedStages.includes(name)))}

Missing: ${names(missingStages)}

A sort of more than 100 MB goes on on disk, unless \`allowDiskUse\` or the parameter
\`allowDiskUseByDefault\` is false; a \`$group\` of more fails with error 292.

Refused, as there is no search engine: ${names(refusedStages)}

Accumulators: ${names(accumulators.keys())}

Expressions: ${names(operators.keys())}

## Indexes and collections

${sentences(indexKinds)} ${sentences(collectionKinds)}

Missing: ${missingKinds.join('; ')}.

## Replica sets

Initiation (also with an empty document), elections, priorities, arbiters, hidden, delayed and non-voting members, chained
replication, step-down with handing over, freeze, maintenance mode, initial sync, rollback with files
of the removed documents. Write concern \`w: 0\`, N, \`"majority"\`, named modes and tags, \`j\`, \`wtimeout\`; the
default is \`"majority"\` and always durable. Read concern \`local\`, \`available\`, \`majority\` and
\`linearizable\`; \`afterClusterTime\`; \`$clusterTime\` gossip. Retryable writes; a retried
\`findAndModify\` whose answer is larger than 1 MB is not executed again, but answers error 217. A tailable
\`local.oplog.rs\`.

Missing: multi-document transactions, change streams, read concern \`snapshot\`,
authentication and TLS, sharding (not planned). Refused by design: \`buildIndexes: false\` (members hold the same
bytes, indexes included) and \`writeConcernMajorityJournalDefault: false\` (what is acknowledged is durable).

## Wire protocol

OP_MSG with document sequences, checksums, \`moreToCome\` and exhaust; OP_QUERY and OP_REPLY for the
handshake; OP_COMPRESSED with snappy, zlib and zstd. Messages up to 48,000,000 bytes, documents up to
16 MiB, 100,000 writes a batch.
`;
}

if (process.argv.includes('--check')) {
  if (readFileSync(page, 'utf8') !== text()) {
    console.error('docs/compatibility.md is not current: run npm run compatibility');
    process.exitCode = 1;
  }
} else {
  writeFileSync(page, text());
}
