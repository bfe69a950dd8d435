import { afterEach, describe, expect, it } from 'vitest';
import { ClusterMember, Faults, MemberCluster, until } from './support/member-cluster.ts';

let cluster: MemberCluster | undefined;
const singles: ClusterMember[] = [];

afterEach(async () => {
  await cluster?.stop();
  cluster = undefined;
  await Promise.all(singles.splice(0).map((member) => member.stop()));
});

async function single(setName = 'rs0'): Promise<ClusterMember> {
  const member = await ClusterMember.start({ setName, faults: new Faults() });
  singles.push(member);
  return member;
}

describe('replSetInitiate', () => {
  it('fills in this member when it is given nothing', async () => {
    const member = await single();
    expect(() => member.replicaSet.status()).toThrow('no replset config has been received');
    expect(member.replicaSet.hello()).toMatchObject({
      isWritablePrimary: false,
      secondary: false,
      isreplicaset: true,
    });
    await member.replicaSet.initiate(undefined);
    await until(() => member.replicaSet.role === 'primary');
    expect(member.replicaSet.config()).toMatchObject({
      _id: 'rs0',
      members: [{ _id: 0, host: member.host }],
    });
    expect(member.replicaSet.hello()).toMatchObject({
      setName: 'rs0',
      isWritablePrimary: true,
      secondary: false,
      hosts: [member.host],
      primary: member.host,
      me: member.host,
    });
    await expect(member.replicaSet.initiate(undefined)).rejects.toMatchObject({
      code: 23,
      message: 'already initialized',
    });
  });

  it('is refused when a member can not be reached, has data, or this one is not named', async () => {
    const member = await single();
    const { host } = member;
    const set = (...hosts: string[]) => ({
      _id: 'rs0',
      members: hosts.map((name, _id) => ({ _id, host: name })),
    });
    await expect(member.replicaSet.initiate(set(host, '127.0.0.1:1'))).rejects.toMatchObject({
      codeName: 'NodeNotFound',
      message: expect.stringContaining(
        'replSetInitiate quorum check failed because not all proposed set members responded affirmatively: 127.0.0.1:1 failed with',
      ),
    });
    await expect(member.replicaSet.initiate(set('elsewhere:1'))).rejects.toMatchObject({
      codeName: 'InvalidReplicaSetConfig',
      message: expect.stringContaining('maps to this node'),
    });
    await expect(member.replicaSet.initiate({ ...set(host), _id: 'other' })).rejects.toMatchObject({
      codeName: 'InvalidReplicaSetConfig',
    });
    const used = await single();
    await used.replicaSet.initiate(undefined);
    await until(() => used.replicaSet.role === 'primary');
    await expect(member.replicaSet.initiate(set(host, used.host))).rejects.toMatchObject({
      codeName: 'NewReplicaSetConfigurationIncompatible',
    });
  });
});

describe('replSetStepDown', () => {
  it('hands over to a caught-up secondary, and hello waiters are told', async () => {
    cluster = await MemberCluster.start(3);
    const primary = await cluster.primary();
    await primary.majority(await primary.insert({ _id: 1 }));
    await cluster.converged();
    const { counter } = primary.replicaSet.topologyVersion;
    const { signal } = new AbortController();
    const told = primary.replicaSet.awaitTopologyChange(counter, { signal, timeoutMs: 8000 });
    await primary.replicaSet.stepDown(60, { force: false, catchUpSeconds: 5, signal });
    await told;
    const next = await cluster.primary();
    expect(next).not.toBe(primary);
    await next.majority(await next.insert({ _id: 2 }));
    await expect(
      primary.replicaSet.stepDown(60, { force: false, catchUpSeconds: 0, signal }),
    ).rejects.toMatchObject({ codeName: 'NotWritablePrimary' });
  });

  it('is refused without a caught-up secondary, but not with force', async () => {
    cluster = await MemberCluster.start(3);
    const primary = await cluster.primary();
    await cluster.converged();
    cluster.faults.lose('pull');
    await primary.insert({ _id: 1 });
    const { signal } = new AbortController();
    await expect(
      primary.replicaSet.stepDown(60, { force: false, catchUpSeconds: 0, signal }),
    ).rejects.toMatchObject({ codeName: 'ExceededTimeLimit' });
    expect(primary.replicaSet.role).toBe('primary');
    await primary.replicaSet.stepDown(60, { force: true, catchUpSeconds: 0, signal });
    expect(primary.replicaSet.role).toBe('secondary');
  });
});

describe('replSetReconfig', () => {
  it('adds a member, which copies the data and then counts', async () => {
    cluster = await MemberCluster.start(2);
    const primary = await cluster.primary();
    await primary.majority(await primary.insert({ _id: 1 }));
    const added = await ClusterMember.start({
      setName: cluster.setName,
      faults: cluster.faults,
    });
    cluster.members.push(added);
    const config = primary.replicaSet.config() as {
      version: number;
      members: Record<string, unknown>[];
    };
    const { signal } = new AbortController();
    const next = {
      ...config,
      version: config.version + 1,
      members: [...config.members, { _id: 2, host: added.host }],
    };
    await primary.replicaSet.reconfig(next, { force: false, signal });
    await cluster.converged();
    const gtid = await primary.insert({ _id: 2 });
    await primary.replicaSet.awaitWriteConcern(gtid, { w: 3, wtimeout: 0 }, { signal });
    expect(added.replicaSet.config()).toMatchObject({ version: config.version + 1 });
    await expect(primary.replicaSet.reconfig(next, { force: false, signal })).rejects.toMatchObject(
      { codeName: 'NewReplicaSetConfigurationIncompatible' },
    );
  });

  it('refuses what is not implemented', async () => {
    const member = await single();
    const members = [{ _id: 0, host: member.host }];
    for (const [config, codeName] of [
      [{ members: [{ ...members[0], buildIndexes: false, priority: 0 }] }, 'NotImplemented'],
      [{ members, writeConcernMajorityJournalDefault: false }, 'NotImplemented'],
      [{ members: [{ ...members[0], horizons: { out: 'a:1' } }] }, 'InvalidReplicaSetConfig'],
      [{ members, protocolVersion: 0 }, 'InvalidReplicaSetConfig'],
      [{ members, configsvr: true }, 'InvalidReplicaSetConfig'],
      [{ members, settings: { replicaSetId: 'x' } }, 'InvalidReplicaSetConfig'],
    ] as const) {
      await expect(member.replicaSet.initiate({ _id: 'rs0', ...config })).rejects.toMatchObject({
        codeName,
      });
    }
  });
});

describe('replSetGetStatus', () => {
  it('shows every member as tools read it', async () => {
    cluster = await MemberCluster.start(3);
    const primary = await cluster.primary();
    await primary.majority(await primary.insert({ _id: 1 }));
    await cluster.converged();
    await until(() => {
      const { members } = primary.replicaSet.status() as { members: Record<string, unknown>[] };
      return members.every(({ health, stateStr }) => health === 1 && stateStr !== 'STARTUP2');
    });
    const status = primary.replicaSet.status() as Record<string, unknown> & {
      members: Record<string, unknown>[];
    };
    expect(status).toMatchObject({ set: 'rs0', myState: 1, majorityVoteCount: 2 });
    expect(status.members.map(({ stateStr }) => stateStr).sort()).toEqual([
      'PRIMARY',
      'SECONDARY',
      'SECONDARY',
    ]);
    expect(status.members.filter(({ self }) => self === true)).toHaveLength(1);
    expect(status.electionCandidateMetrics).toEqual({
      lastElectionReason: 'electionTimeout',
      lastElectionDate: expect.any(Date),
      electionTerm: BigInt(primary.replicaSet.term),
      numVotesNeeded: 2,
      priorityAtElection: 1,
      electionTimeoutMillis: 400n,
      newTermStartDate: expect.any(Date),
      wMajorityWriteAvailabilityDate: expect.any(Date),
    });
    for (const other of cluster.others(primary)) {
      expect(other.replicaSet.status()).not.toHaveProperty('electionCandidateMetrics');
    }
  });
});
