/** Whether a file or a test is meant for the server at hand: `runOnRequirements`. */
import type { MongoClient } from 'mongodb';
import type { RunOnRequirement } from './format.ts';
import { type MatchContext, Mismatch, match } from './match.ts';

export interface ServerUnderTest {
  /** Major, minor, patch. */
  readonly version: readonly number[];
  readonly topology: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export async function serverUnderTest(client: MongoClient): Promise<ServerUnderTest> {
  const admin = client.db('admin');
  const { versionArray } = await admin.command({ buildInfo: 1 });
  const { setName } = await admin.command({ hello: 1 });
  return {
    version: versionArray.slice(0, 3),
    topology: setName === undefined ? 'single' : 'replicaset',
    parameters: await admin.command({ getParameter: '*' }),
  };
}

/** Why none of the requirements is met, or undefined when one is, or none is named. */
export function unmetRequirement(
  requirements: readonly RunOnRequirement[] | undefined,
  server: ServerUnderTest,
): string | undefined {
  if (requirements === undefined || requirements.length === 0) return undefined;
  const reasons = requirements.map((requirement) => unmet(requirement, server));
  return reasons.includes(undefined) ? undefined : `needs ${[...new Set(reasons)].join(', or ')}`;
}

function unmet(requirement: RunOnRequirement, server: ServerUnderTest): string | undefined {
  const { minServerVersion, maxServerVersion, topologies, serverParameters } = requirement;
  if (minServerVersion !== undefined && compareVersions(server.version, minServerVersion) < 0) {
    return 'a newer server';
  }
  if (maxServerVersion !== undefined && compareVersions(server.version, maxServerVersion) > 0) {
    return 'an older server';
  }
  if (topologies !== undefined && !topologies.includes(server.topology)) {
    return `a topology ${topologies.join(' or ')}`;
  }
  if (requirement.serverless === 'require') return 'a serverless deployment';
  if (requirement.auth === true) return 'authentication';
  if (requirement.csfle !== undefined && requirement.csfle !== false) {
    return 'client-side encryption';
  }
  for (const [name, value] of Object.entries(serverParameters ?? {})) {
    if (!matches(value, server.parameters[name])) return `the server parameter ${name}`;
  }
  return undefined;
}

const noEntities: MatchContext = {
  entity: (name) => {
    throw new Error(`${name} is no entity yet`);
  },
  sessionLsid: (name) => {
    throw new Error(`${name} is no session yet`);
  },
};

function matches(expected: unknown, actual: unknown): boolean {
  try {
    match(expected, actual, noEntities);
    return true;
  } catch (error) {
    if (error instanceof Mismatch) return false;
    throw error;
  }
}

/** Components that a version does not name count as zero. */
export function compareVersions(version: readonly number[], wanted: string): number {
  const parts = wanted.split('.').map(Number);
  for (let index = 0; index < 3; index++) {
    const difference = (version[index] ?? 0) - (parts[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
