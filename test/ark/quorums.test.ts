/** Which configurations may follow each other, against counting every quorum there is. */
import { expect, it } from 'vitest';
import { completeConfig, type ReplicaSetConfig } from '../../src/ark/index.ts';
import {
  electionCanMissCommits,
  votersOf,
  writeMajority,
} from '../../src/ark/replica-set-config.ts';

function setOf(kinds: string): ReplicaSetConfig {
  const members = [...kinds].flatMap((kind, _id) =>
    kind === '-' ? [] : [{ _id, host: `n${_id}`, ...(kind === 'a' ? { arbiterOnly: true } : {}) }],
  );
  return completeConfig({ _id: 'rs', members });
}

function subsetsOf<T>(all: readonly T[]): T[][] {
  return Array.from({ length: 2 ** all.length }, (_, bits) =>
    all.filter((_one, place) => (bits >> place) % 2 === 1),
  );
}

/** Some majority elects a data member while nobody in it has acknowledged what as many as suffice have. */
function someElectionMisses(committing: ReplicaSetConfig, electing: ReplicaSetConfig): boolean {
  const holders = votersOf(committing).filter((one) => !one.arbiterOnly);
  const commits = subsetsOf(holders).filter((set) => set.length >= writeMajority(committing));
  const voters = votersOf(electing);
  const elections = subsetsOf(voters).filter(
    (set) => set.length * 2 > voters.length && set.some((one) => !one.arbiterOnly),
  );
  return elections.some((election) =>
    commits.some((commit) => !commit.some((one) => election.some(({ _id }) => _id === one._id))),
  );
}

/** All sets of up to five members with at least one that holds data: `d` data, `a` arbiter, `-` not there. */
const allKinds = Array.from({ length: 3 ** 5 }, (_, code) =>
  [0, 1, 2, 3, 4].map((place) => 'da-'[Math.floor(code / 3 ** place) % 3]).join(''),
).filter((kinds) => kinds.includes('d'));

it('finds each pair of neighbours of which one can elect without what the other has committed', () => {
  let parted = 0;
  for (const kinds of allKinds) {
    for (let place = 0; place < 5; place++) {
      if (kinds[place] === '-') continue;
      const fewer = `${kinds.slice(0, place)}-${kinds.slice(place + 1)}`;
      if (!fewer.includes('d')) continue;
      const [before, after] = [setOf(kinds), setOf(fewer)];
      for (const [a, b] of [
        [before, after],
        [after, before],
        [before, before],
      ] as const) {
        const isParted = electionCanMissCommits(a, b);
        expect(isParted, `${kinds} and ${fewer}`).toBe(someElectionMisses(a, b));
        if (isParted) parted += 1;
      }
    }
  }
  expect(parted).toBeGreaterThan(0);
});

it('lets any set without arbiters grow and shrink by one', () => {
  for (let size = 1; size < 7; size++) {
    const [smaller, larger] = [setOf('d'.repeat(size)), setOf('d'.repeat(size + 1))];
    expect(electionCanMissCommits(smaller, larger)).toBe(false);
    expect(electionCanMissCommits(larger, smaller)).toBe(false);
  }
});
