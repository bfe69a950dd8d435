import type {
  MemberConfigInput,
  ReplicaSetConfig,
  ReplicaSetConfigInput,
} from '../../../src/ark/index.ts';

type Spoil = (config: ReplicaSetConfig) => ReplicaSetConfigInput;

function withMembers(edit: (members: readonly MemberConfigInput[]) => MemberConfigInput[]): Spoil {
  return (config) => ({ ...config, version: config.version + 1, members: edit(config.members) });
}

/** Spoils the last member. */
function withLast(edited: Partial<MemberConfigInput>): Spoil {
  return withMembers((members) => members.with(-1, { ...members.at(-1)!, ...edited }));
}

function withMore(count: number, votes: 0 | 1): Spoil {
  return withMembers((members) => [
    ...members,
    ...Array.from({ length: count }, (_, index) => ({
      _id: 100 + index,
      host: `more${index}:1`,
      votes,
      priority: 0,
    })),
  ]);
}

/** Data and none: that does not change under one id. */
function otherKindOf({ _id, host, arbiterOnly }: MemberConfigInput): MemberConfigInput {
  return { _id, host, arbiterOnly: arbiterOnly !== true, priority: 0 };
}

function withSettings(settings: ReplicaSetConfigInput['settings']): Spoil {
  return (config) => ({
    ...config,
    version: config.version + 1,
    settings: { ...config.settings, ...settings },
  });
}

/** Ways to write a configuration that no member may ever take, whatever it is at that moment. */
export const impossibleConfigs: readonly Spoil[] = [
  (config) => ({ ...config, version: config.version + 1, _id: '' }),
  (config) => ({ ...config, version: config.version + 1, _id: 'other' }),
  (config) => ({ ...config, version: 0 }),
  (config) => ({ ...config }),
  withMembers(() => []),
  withMore(50, 0),
  withMore(8, 1),
  withMore(2, 1),
  withMembers((members) => [...members, { ...members[0]!, host: 'twice:1' }]),
  withMembers((members) => [...members, { ...members[0]!, _id: 99, priority: 0 }]),
  withMembers((members) => members.map((one) => ({ ...one, priority: 0 }))),
  withMembers((members) => members.map((one) => ({ ...one, priority: 0, votes: 0 as const }))),
  withMembers((members) =>
    members.map((one) => ({ ...one, host: `elsewhere${one._id}:1`, _id: one._id + 50 })),
  ),
  withLast({ _id: 256 }),
  withLast({ host: '' }),
  withLast({ votes: 2 as 0 | 1 }),
  withLast({ priority: 1001 }),
  withLast({ votes: 0, priority: 1 }),
  withLast({ arbiterOnly: true, priority: 1 }),
  withLast({ arbiterOnly: true, priority: 0, votes: 0 }),
  withLast({ arbiterOnly: true, priority: 0, votes: 1, tags: { site: 'east' } }),
  withLast({ arbiterOnly: true, priority: 0, votes: 1, tags: {}, secondaryDelaySecs: 1 }),
  withLast({ priority: 0, secondaryDelaySecs: -1 }),
  withLast({ priority: 1, votes: 1, hidden: true }),
  withLast({ priority: 1, votes: 1, secondaryDelaySecs: 1 }),
  withLast({ priority: 1, votes: 1, buildIndexes: false }),
  withMembers((members) => members.with(-1, otherKindOf(members.at(-1)!))),
  withSettings({ heartbeatIntervalMillis: 0 }),
  withSettings({ electionTimeoutMillis: 1 }),
  withSettings({ tieSleepMinMillis: 10, tieSleepMaxMillis: 1 }),
];
