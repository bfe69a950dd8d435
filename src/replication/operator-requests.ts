/**
 * What an operator may ask of a member: to initiate a set, change its configuration, step down,
 * freeze, pull from somebody. Checks what only the shell can check, and waits where MongoDB waits;
 * the decisions are Ark's.
 */

import type { DurableState } from '../../storage/index.ts';
import {
  type CommandOutcome,
  completeConfig,
  configProblem,
  memberById,
  type ReplicaSetConfig,
  type ReplicaSetConfigInput,
  whyConfigIsNotCommitted,
} from '../ark/index.ts';
import { type CodeName, MongoServerError } from '../errors/index.ts';
import type { ArkLoop, TimelessCommand } from './ark-loop.ts';
import { readConfigDocument } from './config-document.ts';
import { delay, type Environment, unlessAborted } from './environment.ts';
import { checkQuorum } from './initiate.ts';
import type { PeerLink } from './transport.ts';

export interface OperatorHost {
  readonly setName: string;
  readonly environment: Environment;
  readonly durableState: DurableState;
  readonly ownHost: () => string;
  /** What the configuration calls this member. */
  readonly findSelf: (config: ReplicaSetConfigInput) => string | undefined;
  readonly link: (host: string) => PeerLink;
  /** Throws NotYetInitialized while the member starts. */
  readonly loop: () => ArkLoop;
  /** Throws NotYetInitialized without one. */
  readonly config: () => ReplicaSetConfig;
  readonly isWritable: () => boolean;
}

export interface ReconfigOptions {
  readonly force: boolean;
  readonly signal: AbortSignal;
}

export interface StepDownOptions {
  readonly force: boolean;
  readonly catchUpSeconds: number;
  readonly signal: AbortSignal;
  /** The operation that asks: it survives the step-down. */
  readonly exceptOperation?: number;
}

/** Durable fact: which incarnation initiated the set, and so has complete data without an entry. */
export const initiatedByName = 'initiatedBy';

const stepDownPollMs = 10;
const reconfigPollMs = 20;
const reconfigWaitMs = 5000;

export class OperatorRequests {
  readonly #host: OperatorHost;

  constructor(host: OperatorHost) {
    this.#host = host;
  }

  /** Makes a set of the members in `document`, or of this member alone. */
  async initiate(document: Record<string, unknown> | undefined): Promise<void> {
    const { setName, durableState, ownHost, findSelf, link } = this.#host;
    const loop = this.#host.loop();
    if (loop.state.config !== undefined) {
      throw new MongoServerError('AlreadyInitialized', 'already initialized');
    }
    const config = readConfigDocument(
      document ?? { _id: setName, version: 1, members: [{ _id: 0, host: ownHost() }] },
    );
    if (config._id !== setName) {
      throw new MongoServerError(
        'InvalidReplicaSetConfig',
        `Attempting to initiate a replica set with name ${config._id}, but command line reports ${setName}; rejecting`,
      );
    }
    const problem = configProblem(completeConfig(config));
    if (problem !== undefined) {
      throw new MongoServerError('InvalidReplicaSetConfig', problem);
    }
    const self = findSelf(config);
    if (self === undefined) {
      throw new MongoServerError(
        'InvalidReplicaSetConfig',
        `No host described in new configuration with {version: ${config.version ?? 1}, term: 0} for replica set ${setName} maps to this node`,
      );
    }
    const others = config.members.filter((member) => member.host !== self);
    await checkQuorum(
      config,
      others.map((member) => member.host),
      link,
    );
    // A crash before the first entry must not leave a set in which everybody waits for a copy.
    await durableState.write({ [initiatedByName]: loop.state.incarnation });
    throwUnlessOk(await loop.command({ kind: 'initiate', config, self: idOf(config, self) }));
  }

  async reconfig(
    document: Record<string, unknown>,
    { force, signal }: ReconfigOptions,
  ): Promise<void> {
    const { environment, findSelf, isWritable } = this.#host;
    const { clock, timers } = environment;
    const loop = this.#host.loop();
    const current = this.#host.config();
    const config = readConfigDocument(document);
    if (config._id !== current._id) {
      throw new MongoServerError(
        'NewReplicaSetConfigurationIncompatible',
        `New and old configurations differ in replica set name; old was ${current._id}, and new is ${config._id}`,
      );
    }
    const self = findSelf(config);
    const input = {
      kind: 'reconfig',
      config,
      force,
      ...(self === undefined ? {} : { self: idOf(config, self) }),
    } as const;
    // Right after an election the primary is busy with a configuration of its own for a moment.
    let outcome = await loop.command(input);
    const until = clock.monotonicMs() + reconfigWaitMs;
    while (
      !outcome.ok &&
      outcome.code === 'ConfigurationInProgress' &&
      clock.monotonicMs() < until
    ) {
      await delay(timers, reconfigPollMs, signal);
      outcome = await loop.command(input);
    }
    throwUnlessOk(outcome);
    while (!force && isWritable() && whyConfigIsNotCommitted(loop.state) !== undefined) {
      await delay(timers, reconfigPollMs, signal);
    }
  }

  /**
   * Waits up to `catchUpSeconds` for an electable secondary that has everything, then steps down;
   * with `force` also without one.
   */
  async stepDown(seconds: number, options: StepDownOptions): Promise<void> {
    const { clock, timers } = this.#host.environment;
    const until = clock.monotonicMs() + options.catchUpSeconds * 1000;
    const freezeMillis = seconds * 1000;
    for (;;) {
      options.signal.throwIfAborted();
      this.#host.config();
      if (!this.#host.isWritable()) {
        throw new MongoServerError('NotWritablePrimary', "not primary so can't step down");
      }
      const isLate = clock.monotonicMs() >= until;
      const force = options.force && isLate;
      const outcome = await this.#host.loop().command({
        kind: 'stepDown',
        force,
        freezeMillis,
      });
      if (outcome.ok) {
        return;
      }
      if (outcome.code !== 'ExceededTimeLimit' || isLate) {
        throwUnlessOk(outcome);
      }
      await delay(timers, stepDownPollMs, options.signal);
    }
  }

  /** Not an operator's but a reader's question: see `ReplicaSet.confirmLead`. */
  async confirmLead(term: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const answer = this.#host.loop().command({ kind: 'confirmLead', term });
    throwUnlessOk(await unlessAborted(answer, signal));
  }

  async freeze(seconds: number): Promise<void> {
    this.#host.config();
    if (this.#host.loop().state.role.kind === 'primary') {
      throw new MongoServerError(
        'NotSecondary',
        'cannot freeze node when primary or running for election. state: Primary',
      );
    }
    await this.#command({ kind: 'freeze', millis: seconds * 1000 });
  }

  async syncFrom(host: string): Promise<{ readonly previous: string | undefined }> {
    const config = this.#host.config();
    const { self, sync } = this.#host.loop().state;
    const target = config.members.find((member) => member.host === host);
    if (target === undefined) {
      throw new MongoServerError('NodeNotFound', `Could not find member "${host}" in replica set`);
    }
    if (target._id === self) {
      throw new MongoServerError('InvalidOptions', 'I cannot sync from myself');
    }
    if (target.arbiterOnly) {
      throw new MongoServerError(
        'InvalidOptions',
        `I cannot sync from "${host}" because it is an arbiter`,
      );
    }
    const peer = this.#host.loop().state.peers[target._id];
    if (peer?.status === undefined || !peer.connected) {
      throw new MongoServerError('HostUnreachable', `I cannot reach the requested member: ${host}`);
    }
    const previous = memberById(config, sync.source)?.host;
    await this.#command({ kind: 'syncFrom', member: target._id });
    return { previous };
  }

  async setMaintenance(on: boolean): Promise<void> {
    await this.#command({ kind: 'maintenance', on });
  }

  async #command(input: TimelessCommand): Promise<void> {
    this.#host.config();
    throwUnlessOk(await this.#host.loop().command(input));
  }
}

function idOf(config: ReplicaSetConfigInput, host: string): number {
  const member = config.members.find((other) => other.host === host);
  if (member === undefined) {
    throw new Error(`the configuration has no member ${host}`);
  }
  return member._id;
}

function throwUnlessOk(outcome: CommandOutcome): void {
  if (!outcome.ok) {
    throw new MongoServerError(outcome.code as CodeName, outcome.message);
  }
}
