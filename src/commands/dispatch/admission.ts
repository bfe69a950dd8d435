/**
 * Whether a request may run at all: every check that does not depend on the command's own fields.
 * What the checks have found out on the way becomes the context the command runs in.
 */
import { MongoServerError } from '../../errors/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { checkApiVersion } from './api-version.ts';
import type { ClientConnection } from './client-connection.ts';
import type { CommandBody } from './command-body.ts';
import { defaultReadConcernOf, defaultWriteConcernOf } from './default-concerns.ts';
import { checkRole, databaseName, observeClusterTime } from './dispatch-checks.ts';
import { readSession, rejectTransactions } from './dispatch-session.ts';
import { namespaceOf } from './namespace-of.ts';
import type { Operation } from './operation.ts';
import { defaultReadConcern, parseReadConcern, type ReadConcern } from './read-concern.ts';
import { readPreferenceMode } from './read-preference.ts';
import type { ServerParameter } from './server-parameters.ts';
import type { Services } from './services.ts';
import {
  checkStandaloneWriteConcern,
  defaultWriteConcern,
  parseWriteConcern,
  type WriteConcern,
} from './write-concern.ts';

export interface DispatchRequest {
  readonly body: CommandBody;
  readonly exhaustAllowed: boolean;
  /** Came as OP_QUERY. */
  readonly legacy: boolean;
}

/** What every context has alike. */
type SharedContext = Pick<CommandContext, 'operations' | 'counters' | 'failPoints' | 'profiler'>;

export class Admission {
  readonly #services: Services;
  readonly #shared: SharedContext;
  readonly #requiresApiVersion: ServerParameter | undefined;

  constructor(services: Services, shared: SharedContext) {
    this.#services = services;
    this.#shared = shared;
    this.#requiresApiVersion = services.parameters.get('requireApiVersion');
  }

  /** Fills in what `operation` tells of itself. Throws what the client has wrong. */
  admit(
    command: Command,
    request: DispatchRequest,
    connection: ClientConnection,
    operation: Operation,
  ): CommandContext {
    const { body } = request;
    const { database, replicaSet, parameters, commandTable, server, log } = this.#services;
    const { operations, counters, failPoints, profiler } = this.#shared;
    const dbName = request.legacy ? body.database : databaseName(body);
    body.database = dbName;
    operation.namespace =
      command.namesCollection === true && body.value(body.name)?.type === 2
        ? namespaceOf(dbName, body.requireString(body.name))
        : namespaceOf(dbName, '$cmd');
    if (command.adminOnly === true && dbName !== 'admin') {
      throw new MongoServerError(
        'Unauthorized',
        `${command.name} may only be run against the admin database.`,
      );
    }
    checkApiVersion(body, command.name, this.#requiresApiVersion?.get() === true);
    rejectTransactions(body);
    operation.session = readSession(body, command, replicaSet !== undefined);
    if (command.maxTimeIsAwait !== true) {
      const maxTimeMs = body.optionalMaxTime();
      if (maxTimeMs !== undefined && maxTimeMs > 0) {
        operation.deadline = operation.startedAt + maxTimeMs;
      }
    }
    operation.comment = body.value('comment');
    const mode = readPreferenceMode(body);
    if (replicaSet !== undefined) {
      checkRole(command, mode, dbName, replicaSet);
      observeClusterTime(body, replicaSet, () => database.now());
    }
    const writeConcern = this.#writeConcern(command, body, dbName);
    const readConcern = this.#readConcern(command, body, dbName);
    return {
      database,
      replicaSet,
      connection,
      dbName,
      commandName: body.name,
      operation,
      operations,
      readConcern: replicaSet === undefined ? defaultReadConcern : readConcern,
      linearizableIn: readConcern.level === 'linearizable' ? replicaSet?.term : undefined,
      writeConcern,
      parameters,
      counters,
      failPoints,
      commandTable,
      profiler,
      server,
      log,
      exhaustAllowed: request.exhaustAllowed,
      legacyRequest: request.legacy,
    };
  }

  /** Nothing of `local` is replicated: what operators set for the set is not meant for it. */
  #isOfSet(dbName: string): boolean {
    return this.#services.replicaSet !== undefined && dbName !== 'local';
  }

  #writeConcern(command: Command, body: CommandBody, dbName: string): WriteConcern {
    if (command.supportsWriteConcern ?? command.access === 'write') {
      const writeConcern = parseWriteConcern(
        body,
        this.#isOfSet(dbName) ? defaultWriteConcernOf(this.#services.database) : undefined,
      );
      if (this.#services.replicaSet === undefined) checkStandaloneWriteConcern(body, writeConcern);
      return writeConcern;
    }
    if (body.optionalDocument('writeConcern') !== undefined) {
      throw new MongoServerError(
        'InvalidOptions',
        `Command ${command.name} does not support writeConcern`,
      );
    }
    return defaultWriteConcern;
  }

  #readConcern(command: Command, body: CommandBody, dbName: string): ReadConcern {
    const { database, replicaSet } = this.#services;
    const isSupported = command.supportsReadConcern ?? command.access === 'read';
    const readConcern = parseReadConcern(
      body,
      isSupported && this.#isOfSet(dbName) ? defaultReadConcernOf(database) : undefined,
    );
    if (!isSupported && readConcern.level !== 'local') {
      throw unsupported(command, readConcern.level);
    }
    if (replicaSet === undefined && readConcern.afterClusterTime !== undefined) {
      throw new MongoServerError(
        'IllegalOperation',
        'readConcern.afterClusterTime is for members of a replica set, whose writes have cluster times',
      );
    }
    const { level } = readConcern;
    if (level === 'snapshot' && !snapshotReads.has(command.name)) {
      throw unsupported(command, level);
    }
    if (replicaSet === undefined && (level === 'linearizable' || level === 'snapshot')) {
      throw new MongoServerError(
        'NotAReplicaSet',
        'node needs to be a replica set member to use read concern',
      );
    }
    if (level === 'snapshot') {
      throw new MongoServerError('NotImplemented', 'read concern snapshot is not implemented yet');
    }
    if (level === 'linearizable' && replicaSet?.role !== 'primary') {
      throw new MongoServerError(
        'NotWritablePrimary',
        'cannot satisfy linearizable read concern on non-primary node',
      );
    }
    return readConcern;
  }
}

/** Commands that can read a state of the past, outside of transactions. */
const snapshotReads: ReadonlySet<string> = new Set(['aggregate', 'distinct', 'find']);

function unsupported({ name }: Command, level: string): MongoServerError {
  return new MongoServerError(
    'InvalidOptions',
    `Command ${name} does not support { readConcern: { level: "${level}" } }`,
  );
}
