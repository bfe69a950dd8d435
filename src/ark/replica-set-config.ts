/**
 * Who belongs to the replica set. MongoDB's names and meanings; votes are 0 or 1.
 *
 * Configurations are ordered by (term, version, admission), so they travel by gossip without a log
 * entry ("logless reconfiguration"). `term` is the term of the primary that installed it and rises with every
 * tenure; `version` is what users see and raise; `admission` rises when a primary records which
 * incarnation of a member it counts (see `incarnation` below), which is no change a user made.
 */
export interface ReplicaSetConfig {
  /** The name of the set. */
  readonly _id: string;
  readonly version: number;
  readonly term: number;
  /** Ours, not MongoDB's: leave it out of what `replSetGetConfig` shows, default 0. */
  readonly admission: number;
  readonly members: readonly MemberConfig[];
  readonly settings: ReplicaSetSettings;
}

export interface MemberConfig {
  readonly _id: number;
  /** `name:port`. */
  readonly host: string;
  /** 0 never stands for election. */
  readonly priority: number;
  readonly votes: 0 | 1;
  readonly arbiterOnly: boolean;
  readonly hidden: boolean;
  readonly secondaryDelaySecs: number;
  readonly buildIndexes: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /**
   * Ours, not MongoDB's: the data directory a primary has seen caught up under this member id. Votes and
   * acknowledgements of another incarnation do not count (a wiped member has forgotten its promises).
   * Undefined until a primary has recorded one: then any incarnation counts.
   */
  readonly incarnation?: string;
}

export interface ReplicaSetSettings {
  readonly heartbeatIntervalMillis: number;
  /** A member is suspected after so long without a word; a primary steps down after so long without a majority. */
  readonly electionTimeoutMillis: number;
  /** Kept for MongoDB's tools; the connection layer closes a silent connection after so long. */
  readonly heartbeatTimeoutSecs: number;
  /** How long a new primary pulls from members that are ahead before it accepts writes. 0: not at all. */
  readonly catchUpTimeoutMillis: number;
  /** False: secondaries pull from the primary only. */
  readonly chainingAllowed: boolean;
  /** Named write concerns: tag -> number of distinct values that must have acknowledged. */
  readonly getLastErrorModes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Shortest and longest sleep of a candidate that met its equal (paper: 50 to 1050). */
  readonly tieSleepMinMillis: number;
  readonly tieSleepMaxMillis: number;
  /** A higher-priority secondary waits so long, caught up, before it takes over. */
  readonly priorityTakeoverDelayMillis: number;
}

export const defaultSettings: ReplicaSetSettings = {
  heartbeatIntervalMillis: 500,
  electionTimeoutMillis: 2000,
  heartbeatTimeoutSecs: 10,
  catchUpTimeoutMillis: 2000,
  chainingAllowed: true,
  getLastErrorModes: {},
  tieSleepMinMillis: 50,
  tieSleepMaxMillis: 300,
  priorityTakeoverDelayMillis: 2000,
};

/** What `replSetInitiate` and `replSetReconfig` may leave out. */
export type MemberConfigInput = Pick<MemberConfig, '_id' | 'host'> & Partial<MemberConfig>;
export interface ReplicaSetConfigInput {
  readonly _id: string;
  readonly version?: number;
  readonly term?: number;
  readonly members: readonly MemberConfigInput[];
  readonly settings?: Partial<ReplicaSetSettings>;
}

/** Fills in the defaults. Does not judge: see `configProblem`. */
export function completeConfig(input: ReplicaSetConfigInput): ReplicaSetConfig {
  const members = input.members.map((one) => completeMember(one, one.incarnation));
  return {
    _id: input._id,
    version: input.version ?? 1,
    term: input.term ?? 0,
    admission: 0,
    members: members.toSorted((a, b) => a._id - b._id),
    settings: completeSettings(input.settings ?? {}),
  };
}

/*
 * Configurations are read at every step. They are written field by field, always in this order, because V8 gives each object
 * that a spread adds a field to a hidden class of its own, and every place that reads such objects is then slow for good.
 */

/** The same configuration of a later term, version or admission, or of other members. */
export function changedConfig(
  config: ReplicaSetConfig,
  changes: Partial<Pick<ReplicaSetConfig, 'version' | 'term' | 'admission' | 'members'>>,
): ReplicaSetConfig {
  return {
    _id: config._id,
    version: changes.version ?? config.version,
    term: changes.term ?? config.term,
    admission: changes.admission ?? config.admission,
    members: changes.members ?? config.members,
    settings: config.settings,
  };
}

/** With this incarnation recorded, or none. */
export function completeMember(
  input: MemberConfigInput,
  incarnation: string | undefined,
): MemberConfig {
  const arbiterOnly = input.arbiterOnly ?? false;
  const votes = input.votes ?? 1;
  const member: MemberConfig = {
    _id: input._id,
    host: input.host,
    priority: input.priority ?? (arbiterOnly || votes === 0 ? 0 : 1),
    votes,
    arbiterOnly,
    hidden: input.hidden ?? false,
    secondaryDelaySecs: input.secondaryDelaySecs ?? 0,
    buildIndexes: input.buildIndexes ?? true,
    tags: input.tags ?? {},
  };
  return incarnation === undefined ? member : Object.assign(member, { incarnation });
}

function completeSettings(input: Partial<ReplicaSetSettings>): ReplicaSetSettings {
  return {
    heartbeatIntervalMillis:
      input.heartbeatIntervalMillis ?? defaultSettings.heartbeatIntervalMillis,
    electionTimeoutMillis: input.electionTimeoutMillis ?? defaultSettings.electionTimeoutMillis,
    heartbeatTimeoutSecs: input.heartbeatTimeoutSecs ?? defaultSettings.heartbeatTimeoutSecs,
    catchUpTimeoutMillis: input.catchUpTimeoutMillis ?? defaultSettings.catchUpTimeoutMillis,
    chainingAllowed: input.chainingAllowed ?? defaultSettings.chainingAllowed,
    getLastErrorModes: input.getLastErrorModes ?? defaultSettings.getLastErrorModes,
    tieSleepMinMillis: input.tieSleepMinMillis ?? defaultSettings.tieSleepMinMillis,
    tieSleepMaxMillis: input.tieSleepMaxMillis ?? defaultSettings.tieSleepMaxMillis,
    priorityTakeoverDelayMillis:
      input.priorityTakeoverDelayMillis ?? defaultSettings.priorityTakeoverDelayMillis,
  };
}

const memberLimit = 50;
const voterLimit = 7;
const delayLimitSecs = 366 * 24 * 60 * 60;

/** Why this configuration cannot be used (one sentence for the user), or undefined. */
export function configProblem(config: ReplicaSetConfig): string | undefined {
  const { members, settings } = config;
  if (config._id === '') return 'The name of the replica set must not be empty';
  if (members.length === 0) return 'A replica set configuration must contain at least one member';
  if (members.length > memberLimit)
    return `Replica set configuration contains ${members.length} members, but must have at most ${memberLimit}`;
  if (!Number.isSafeInteger(config.version) || config.version < 1)
    return `version field value of ${config.version} is out of range`;
  const ids = new Set(members.map((member) => member._id));
  if (ids.size !== members.length) return 'Found two member configurations with the same _id';
  const hosts = new Set(members.map((member) => member.host));
  if (hosts.size !== members.length)
    return 'Found two member configurations with the same host field';
  for (const member of members) {
    const problem = memberProblem(member);
    if (problem !== undefined) return problem;
  }
  const voters = votersOf(config).length;
  if (voters === 0) return 'Replica set configuration must contain at least one voting member';
  if (voters > voterLimit)
    return `Replica set configuration contains ${voters} voting members, but must have at most ${voterLimit}`;
  if (!members.some((member) => member.priority > 0))
    return 'Replica set configuration must contain at least one non-arbiter member with priority > 0';
  if (settings.heartbeatIntervalMillis < 1) return 'heartbeatIntervalMillis must be positive';
  if (settings.electionTimeoutMillis < 2 * settings.heartbeatIntervalMillis)
    return 'electionTimeoutMillis must be at least twice heartbeatIntervalMillis';
  if (settings.tieSleepMinMillis < 0 || settings.tieSleepMaxMillis < settings.tieSleepMinMillis)
    return 'tieSleepMaxMillis must be at least tieSleepMinMillis, which must not be negative';
  return undefined;
}

function memberProblem(member: MemberConfig): string | undefined {
  const name = `member ${member._id} (${member.host})`;
  if (!Number.isInteger(member._id) || member._id < 0 || member._id > 255)
    return `_id field value of ${name} must be an integer in the range 0 to 255`;
  if (member.host === '') return `host field of member ${member._id} must not be empty`;
  if (member.votes !== 0 && member.votes !== 1)
    return `votes field value of ${name} must be 0 or 1`;
  if (!(member.priority >= 0 && member.priority <= 1000))
    return `priority field value of ${name} must be between 0 and 1000`;
  if (member.votes === 0 && member.priority !== 0)
    return `priority must be 0 when the member does not vote: ${name}`;
  if (member.arbiterOnly && member.priority !== 0)
    return `priority must be 0 for an arbiter: ${name}`;
  if (member.arbiterOnly && member.votes === 0) return `An arbiter must vote: ${name}`;
  if (member.arbiterOnly && Object.keys(member.tags).length > 0)
    return `Cannot set tags on arbiters: ${name}`;
  const { secondaryDelaySecs: delay } = member;
  if (!Number.isInteger(delay) || delay < 0 || delay > delayLimitSecs)
    return `secondaryDelaySecs field value of ${delay} seconds is out of range: ${name}`;
  if (member.arbiterOnly && delay !== 0) return `An arbiter has no data to delay: ${name}`;
  if (member.hidden && member.priority !== 0)
    return `priority must be 0 when hidden is true: ${name}`;
  if (member.secondaryDelaySecs !== 0 && member.priority !== 0)
    return `priority must be 0 when secondaryDelaySecs is used: ${name}`;
  if (!member.buildIndexes && member.priority !== 0)
    return `priority must be 0 when buildIndexes is false: ${name}`;
  return undefined;
}

/** What orders configurations, small enough to travel on every message. */
export interface ConfigVersion {
  readonly version: number;
  readonly term: number;
  readonly admission: number;
}

export const noConfigVersion: ConfigVersion = { version: -1, term: -1, admission: -1 };

export function configVersionOf(config: ReplicaSetConfig | undefined): ConfigVersion {
  if (config === undefined) return noConfigVersion;
  return { version: config.version, term: config.term, admission: config.admission };
}

/** Term first, then version, then admission. A term of -1 (a forced one) compares by version alone. */
export function compareConfigVersions(a: ConfigVersion, b: ConfigVersion): number {
  if (a.term !== b.term && a.term !== -1 && b.term !== -1) return a.term - b.term;
  if (a.version !== b.version) return a.version - b.version;
  return a.admission - b.admission;
}

export function memberById(
  config: ReplicaSetConfig | undefined,
  id: number | undefined,
): MemberConfig | undefined {
  if (config === undefined) return undefined;
  for (const member of config.members) if (member._id === id) return member;
  return undefined;
}

export function votersOf(config: ReplicaSetConfig): readonly MemberConfig[] {
  return config.members.filter((member) => member.votes === 1);
}

/** More than half of all voters, arbiters included. */
export function voteMajority(config: ReplicaSetConfig): number {
  let voters = 0;
  for (const { votes } of config.members) if (votes === 1) voters += 1;
  return Math.floor(voters / 2) + 1;
}

/**
 * How many voting, data-bearing members must hold an entry for `w: "majority"`: more than half of all
 * voters, but never more than can hold anything (safe, because a candidate is one of them). A member
 * whose data directory is being replaced (incarnation '') cannot.
 */
export function writeMajority(config: ReplicaSetConfig): number {
  let holders = 0;
  for (const member of config.members) if (isHolder(member)) holders += 1;
  return Math.min(voteMajority(config), holders);
}

/** The voters whose copies and votes count: a data directory that is being replaced (incarnation '') has neither. */
function countedVotersOf(config: ReplicaSetConfig): readonly MemberConfig[] {
  return votersOf(config).filter((member) => member.incarnation !== '');
}

function holdersOf(config: ReplicaSetConfig): readonly MemberConfig[] {
  return config.members.filter(isHolder);
}

function isHolder({ votes, arbiterOnly, incarnation }: MemberConfig): boolean {
  return votes === 1 && !arbiterOnly && incarnation !== '';
}

/**
 * How many voters (member id and incarnation) two configurations do not share. More than one, and a
 * majority of the old one need not meet a majority of the new one.
 */
export function voterChanges(old: ReplicaSetConfig, next: ReplicaSetConfig): number {
  const before = new Set(votersOf(old).map(identity));
  const after = new Set(votersOf(next).map(identity));
  const removed = [...before].filter((voter) => !after.has(voter)).length;
  const added = [...after].filter((voter) => !before.has(voter)).length;
  return removed + added;
}

function identity(member: MemberConfig): string {
  return `${member._id} ${member.host} ${member.arbiterOnly}`;
}

/**
 * Whether a candidate can win under one configuration without anybody who acknowledged an entry that is committed under the
 * other. While a configuration spreads both are in use, so this is asked both ways. Majorities of data members that differ in one
 * voter always meet; where arbiters make `writeMajority` the smaller one, a single change can part them: a primary with
 * an arbiter commits alone, and the arbiter with a newcomer elects that.
 */
export function electionCanMissCommits(
  committing: ReplicaSetConfig,
  electing: ReplicaSetConfig,
): boolean {
  const voters = new Set(countedVotersOf(electing).map(identity));
  const outside = holdersOf(committing).filter((member) => !voters.has(identity(member))).length;
  const metAtLeast = Math.max(0, writeMajority(committing) - outside);
  const isCandidateLeft = holdersOf(electing).length > metAtLeast;
  return isCandidateLeft && voters.size - metAtLeast >= voteMajority(electing);
}
