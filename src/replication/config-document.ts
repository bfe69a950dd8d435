/** The configuration as clients write and read it. */
import type {
  MemberConfigInput,
  ReplicaSetConfig,
  ReplicaSetConfigInput,
  ReplicaSetSettings,
} from '../ark/index.ts';
import { MongoServerError } from '../errors/index.ts';

type Fields = Record<string, unknown>;

/** Fields that may only say what is the case anyway. */
const impliedFields = new Set([
  'protocolVersion',
  'configsvr',
  'writeConcernMajorityJournalDefault',
]);

const memberFields: Readonly<Record<string, 'number' | 'boolean' | 'string' | 'object'>> = {
  _id: 'number',
  host: 'string',
  arbiterOnly: 'boolean',
  buildIndexes: 'boolean',
  hidden: 'boolean',
  priority: 'number',
  votes: 'number',
  tags: 'object',
  secondaryDelaySecs: 'number',
};

const settingsFields: Readonly<Record<string, 'number' | 'boolean' | 'object'>> = {
  chainingAllowed: 'boolean',
  heartbeatIntervalMillis: 'number',
  heartbeatTimeoutSecs: 'number',
  electionTimeoutMillis: 'number',
  catchUpTimeoutMillis: 'number',
  getLastErrorModes: 'object',
  tieSleepMinMillis: 'number',
  tieSleepMaxMillis: 'number',
  priorityTakeoverDelayMillis: 'number',
};

/** Settings we do not have: accepted when they say what we do anyway. */
const neutralSettings: Readonly<Record<string, (value: unknown) => boolean>> = {
  catchUpTakeoverDelayMillis: (value) => value === 30_000 || value === -1,
  getLastErrorDefaults: (value) => {
    const { w, wtimeout } = (value ?? {}) as Fields;
    return w === 1 && (wtimeout === 0 || wtimeout === undefined);
  },
};

/** Reads what a client sent. Judges types and names; `configProblem` judges the meaning. */
export function readConfigDocument(document: Fields): ReplicaSetConfigInput {
  for (const field of Object.keys(document)) {
    if (
      !['_id', 'version', 'term', 'members', 'settings'].includes(field) &&
      !impliedFields.has(field)
    ) {
      throw invalid(`BSON field 'ReplSetConfig.${field}' is an unknown field.`);
    }
  }
  checkImplied(document);
  const { _id, members } = document;
  if (typeof _id !== 'string') {
    throw invalid("BSON field 'ReplSetConfig._id' is missing but a required field");
  }
  if (!Array.isArray(members)) {
    throw invalid("BSON field 'ReplSetConfig.members' is missing but a required field");
  }
  const version = optionalNumber(document.version, 'version');
  const term = optionalNumber(document.term, 'term');
  return {
    _id,
    ...(version === undefined ? {} : { version }),
    ...(term === undefined || term < 0 ? {} : { term }),
    members: members.map(readMember),
    ...(document.settings === undefined ? {} : { settings: readSettings(document.settings) }),
  };
}

function checkImplied(document: Fields): void {
  if (document.writeConcernMajorityJournalDefault === false) {
    throw new MongoServerError(
      'NotImplemented',
      'writeConcernMajorityJournalDefault: false is not supported: what is acknowledged is durable',
    );
  }
  const protocolVersion = optionalNumber(document.protocolVersion, 'protocolVersion') ?? 1;
  if (protocolVersion !== 1) {
    throw invalid(`protocolVersion: ${protocolVersion} is not supported, only 1 is`);
  }
  if (document.configsvr === true) {
    throw invalid('configsvr: true is not supported, as there is no sharding');
  }
}

function readMember(value: unknown): MemberConfigInput {
  if (typeof value !== 'object' || value === null) {
    throw invalid('Each member of the replica set configuration must be a document');
  }
  const read: Fields = {};
  for (const [field, raw] of Object.entries(value)) {
    // What older shells call it.
    const name = field === 'slaveDelay' ? 'secondaryDelaySecs' : field;
    const type = memberFields[name];
    if (type === undefined) {
      throw invalid(`BSON field 'MemberConfig.${field}' is an unknown field.`);
    }
    read[name] = typed(raw, type, `MemberConfig.${field}`);
  }
  if (typeof read._id !== 'number') {
    throw invalid("BSON field 'MemberConfig._id' is missing but a required field");
  }
  if (typeof read.host !== 'string') {
    throw invalid("BSON field 'MemberConfig.host' is missing but a required field");
  }
  refuseUnsupported(read);
  read.host = read.host.includes(':') ? read.host : `${read.host}:27017`;
  return read as unknown as MemberConfigInput;
}

/** What MongoDB has and we do not: refused, never ignored. */
function refuseUnsupported(member: Fields): void {
  if (member.buildIndexes === false) {
    throw new MongoServerError(
      'NotImplemented',
      'buildIndexes: false is not supported: members hold the same bytes, indexes included',
    );
  }
}

function readSettings(value: unknown): Partial<ReplicaSetSettings> {
  if (typeof value !== 'object' || value === null) {
    throw invalid('settings must be a document');
  }
  const read: Fields = {};
  for (const [field, raw] of Object.entries(value)) {
    if (neutralSettings[field]?.(raw) === true) continue;
    if (field === 'replicaSetId') {
      throw invalid("replica set configuration cannot contain 'replicaSetId' field: it has none");
    }
    if (field in neutralSettings) {
      throw new MongoServerError('NotImplemented', `settings.${field} is not implemented`);
    }
    const type = settingsFields[field];
    if (type === undefined) {
      throw invalid(`BSON field 'ReplSetConfigSettings.${field}' is an unknown field.`);
    }
    const setting = typed(raw, type, `ReplSetConfigSettings.${field}`);
    // MongoDB's -1: catch up for as long as it takes.
    read[field] = field === 'catchUpTimeoutMillis' && setting === -1 ? 2 ** 31 - 1 : setting;
  }
  return read as Partial<ReplicaSetSettings>;
}

function typed(value: unknown, type: string, field: string): unknown {
  const plain = typeof value === 'bigint' ? Number(value) : value;
  if (type === 'boolean' && typeof plain === 'number') {
    return plain !== 0;
  }
  if (type === 'number' && typeof plain === 'object' && plain !== null && 'valueOf' in plain) {
    const number = Number(plain.valueOf());
    if (!Number.isNaN(number)) {
      return number;
    }
  }
  if (typeof plain !== type || plain === null) {
    throw new MongoServerError(
      'TypeMismatch',
      `BSON field '${field}' is the wrong type, expected type '${type}'`,
    );
  }
  if (field.endsWith('.tags') || field.endsWith('.getLastErrorModes')) {
    return JSON.parse(JSON.stringify(plain));
  }
  return plain;
}

function optionalNumber(value: unknown, field: string): number | undefined {
  return value === undefined || value === null
    ? undefined
    : (typed(value, 'number', `ReplSetConfig.${field}`) as number);
}

function invalid(message: string): MongoServerError {
  return new MongoServerError('InvalidReplicaSetConfig', message);
}

/** What `replSetGetConfig` shows: MongoDB's fields in MongoDB's order. */
export function configDocument(config: ReplicaSetConfig): Fields {
  const { settings } = config;
  return {
    _id: config._id,
    version: config.version,
    term: config.term,
    members: config.members.map((member) => ({
      _id: member._id,
      host: member.host,
      arbiterOnly: member.arbiterOnly,
      buildIndexes: member.buildIndexes,
      hidden: member.hidden,
      priority: member.priority,
      tags: member.tags,
      secondaryDelaySecs: BigInt(member.secondaryDelaySecs),
      votes: member.votes,
    })),
    protocolVersion: 1n,
    writeConcernMajorityJournalDefault: true,
    settings: {
      chainingAllowed: settings.chainingAllowed,
      heartbeatIntervalMillis: settings.heartbeatIntervalMillis,
      heartbeatTimeoutSecs: settings.heartbeatTimeoutSecs,
      electionTimeoutMillis: settings.electionTimeoutMillis,
      catchUpTimeoutMillis: settings.catchUpTimeoutMillis,
      getLastErrorModes: settings.getLastErrorModes,
      tieSleepMinMillis: settings.tieSleepMinMillis,
      tieSleepMaxMillis: settings.tieSleepMaxMillis,
      priorityTakeoverDelayMillis: settings.priorityTakeoverDelayMillis,
    },
  };
}
