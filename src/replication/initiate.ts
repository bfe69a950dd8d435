/**
 * What must be true before a set may be initiated: the configuration names this member, and every
 * other member answers, knows the same set name, and is empty. MongoDB's wording throughout.
 */
import { networkInterfaces } from 'node:os';
import type { ReplicaSetConfigInput } from '../ark/index.ts';
import { MongoServerError } from '../errors/index.ts';
import type { PeerLink } from './transport.ts';

const probeTimeoutMs = 5000;

/** What a member answers to `_replSetProbe`. */
export interface ProbeAnswer {
  readonly setName: string;
  readonly hasConfig: boolean;
  readonly hasData: boolean;
  /** Tells one process from another, whatever they are called. */
  readonly processId: string;
}

export async function checkQuorum(
  config: ReplicaSetConfigInput,
  others: readonly string[],
  link: (host: string) => PeerLink,
): Promise<void> {
  const answers = await Promise.allSettled(
    others.map((host) => link(host).request({ _replSetProbe: 1 }, probeTimeoutMs)),
  );
  const failures: string[] = [];
  answers.forEach((answer, index) => {
    const host = others[index] as string;
    if (answer.status === 'rejected') {
      failures.push(`${host} failed with ${(answer.reason as Error).message}`);
      return;
    }
    const { setName, hasConfig, hasData } = answer.value as unknown as ProbeAnswer;
    if (setName !== config._id) {
      throw new MongoServerError(
        'NewReplicaSetConfigurationIncompatible',
        `Our set name did not match that of ${host}`,
      );
    }
    if (hasConfig) {
      throw new MongoServerError(
        'NewReplicaSetConfigurationIncompatible',
        `Our config version of ${config.version ?? 1} is no larger than the version on ${host}`,
      );
    }
    if (hasData) {
      throw new MongoServerError(
        'CannotInitializeNodeWithData',
        `'${host}' has data already, cannot initiate set.`,
      );
    }
  });
  if (failures.length > 0) {
    throw new MongoServerError(
      'NodeNotFound',
      `replSetInitiate quorum check failed because not all proposed set members responded affirmatively: ${failures.join(', ')}`,
    );
  }
}

/**
 * Which of these names is this member: the one it was given, or one with its port whose host is an
 * address of this machine. Without asking the network: two members never share an address and port.
 */
export function findSelf(
  hosts: readonly string[],
  own: string,
  alsoKnownAs: readonly string[] = [],
): string | undefined {
  const named = [own, ...alsoKnownAs].find((name) => hosts.includes(name));
  if (named !== undefined) {
    return named;
  }
  const ownPort = portOf(own);
  const local = hosts.filter((host) => portOf(host) === ownPort && isLocalName(nameOf(host)));
  return local.length === 1 && isLocalName(nameOf(own)) ? local[0] : undefined;
}

function portOf(host: string): string {
  return host.slice(host.lastIndexOf(':') + 1);
}

function nameOf(host: string): string {
  return host.slice(0, host.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}

function isLocalName(name: string): boolean {
  if (name === 'localhost' || name === '::1' || name.startsWith('127.')) {
    return true;
  }
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === name),
  );
}
