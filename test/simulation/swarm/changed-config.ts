import type {
  MemberConfigInput,
  ReplicaSetConfig,
  ReplicaSetConfigInput,
} from '../../../src/ark/index.ts';
import { impossibleConfigs } from './impossible-configs.ts';
import type { ConfigChange, Setup } from './plan.ts';

/** The configuration to ask for; undefined where the change means nothing. */
export function changedConfig(
  config: ReplicaSetConfig,
  change: ConfigChange,
  setup: Setup,
): ReplicaSetConfigInput | undefined {
  const { members, settings } = config;
  const version = config.version + 1;
  const edit = (id: number, edited: Partial<MemberConfigInput>) =>
    members.some((one) => one._id === id)
      ? members.map((one) => (one._id === id ? { ...one, ...edited } : one))
      : undefined;
  const withMembers = (next: readonly MemberConfigInput[] | undefined) =>
    next === undefined ? undefined : { _id: config._id, version, settings, members: next };
  switch (change.kind) {
    case 'add':
      if (members.some((one) => one._id === change.member._id)) return undefined;
      return withMembers([...members, change.member]);
    case 'remove':
      return withMembers(members.filter((one) => one._id !== change.id));
    case 'priority': {
      const one = members.find(({ _id }) => _id === change.id);
      if (one === undefined || one.votes === 0 || one.arbiterOnly || one.hidden) return undefined;
      if (one.secondaryDelaySecs > 0 || !one.buildIndexes) return undefined;
      return withMembers(edit(change.id, { priority: change.priority }));
    }
    case 'vote': {
      const was = setup.members.find(({ _id }) => _id === change.id);
      if (was?.arbiterOnly === true) return undefined;
      const priority = change.votes === 0 ? 0 : (was?.priority ?? 1);
      return withMembers(edit(change.id, { votes: change.votes, priority }));
    }
    case 'impossible':
      return impossibleConfigs[change.number % impossibleConfigs.length]!(config);
    case 'chaining':
      return {
        _id: config._id,
        version,
        members,
        settings: { ...settings, chainingAllowed: change.allowed },
      };
  }
}
