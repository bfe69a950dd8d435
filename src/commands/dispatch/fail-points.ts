/**
 * Fail points, with which drivers test themselves: failCommand makes chosen commands fail, stall or
 * lose their connection; onPrimaryTransactionalWrite loses the connection of a retryable write, and
 * the write with it if asked. Only a server started with enableTestCommands has them. Source: the
 * MongoDB specifications, "Unified Test Format", "Server Fail Points".
 */
import {
  type CodeName,
  type ErrorLabel,
  errorCodes,
  MongoServerError,
} from '../../errors/index.ts';
import type { Command } from '../command.ts';
import type { ClientConnection } from './client-connection.ts';
import type { Operation } from './operation.ts';

/** What happens to a command that is hit. */
export interface FailCommandData {
  readonly failCommands: readonly string[];
  readonly errorCode?: number;
  readonly errorLabels?: readonly string[];
  readonly closeConnection?: boolean;
  readonly blockConnection?: boolean;
  readonly blockTimeMS?: number;
  readonly writeConcernError?: Readonly<Record<string, unknown>>;
  readonly appName?: string;
  /** Of mongod's threads; here `conn` and the number of the connection. */
  readonly threadName?: string;
  readonly namespace?: string;
  /** Whether commands of other members are hit too. */
  readonly failInternalCommands?: boolean;
}

export interface FailWriteData {
  /** Default true. */
  readonly closeConnection?: boolean;
  /** The write is undone and fails with this; left out, it is done. */
  readonly failBeforeCommitExceptionCode?: number;
}

/** How often a fail point is hit by what it is meant for. */
export interface FailPointMode {
  /** So many are let through first. */
  readonly skip: number;
  /** So many are hit then; Infinity while always on, 0 when off. */
  readonly times: number;
  /** Each that is not skipped is hit with this probability. */
  readonly probability: number;
}

class FailPoint<Data> {
  #data: Data | undefined;
  #skip = 0;
  #left = 0;
  #probability = 1;
  #count = 0;

  get isActive(): boolean {
    return this.#data !== undefined;
  }

  /** Returns how often the fail point had been hit before. */
  configure(data: Data, { skip, times, probability }: FailPointMode): number {
    const before = this.#count;
    this.#data = times === 0 ? undefined : data;
    this.#skip = skip;
    this.#left = times;
    this.#probability = probability;
    return before;
  }

  /** What shall happen to something, if it is meant; counts the hit. */
  hit(isMeant: (data: Data) => boolean): Data | undefined {
    const data = this.#data;
    if (data === undefined || !isMeant(data)) return undefined;
    if (this.#skip > 0) {
      this.#skip--;
      return undefined;
    }
    if (this.#probability < 1 && Math.random() >= this.#probability) return undefined;
    this.#count++;
    this.#left--;
    if (this.#left <= 0) this.#data = undefined;
    return data;
  }
}

export class FailPoints {
  readonly failCommand = new FailPoint<FailCommandData>();
  readonly onPrimaryTransactionalWrite = new FailPoint<FailWriteData>();

  get isActive(): boolean {
    return this.failCommand.isActive || this.onPrimaryTransactionalWrite.isActive;
  }

  /** What shall happen to this command, if anything. */
  hit(
    command: Command,
    connection: ClientConnection,
    namespace: string,
  ): FailCommandData | undefined {
    if (command.name === 'configureFailPoint') return undefined;
    return this.failCommand.hit((data) => {
      const { failCommands, appName, threadName } = data;
      return (
        (failCommands.includes(command.name) ||
          command.aliases?.some((alias) => failCommands.includes(alias)) === true) &&
        (appName === undefined || appName === connection.appName) &&
        (threadName === undefined || threadName === `conn${connection.id}`) &&
        (data.namespace === undefined || data.namespace === namespace) &&
        (data.failInternalCommands === true || !connection.isMember)
      );
    });
  }

  /** Lets onPrimaryTransactionalWrite see the statements of a retryable write. */
  watch(operation: Operation, connection: ClientConnection): void {
    if (operation.session?.txnNumber === undefined) return;
    operation.beforeStatements = () => {
      const data = this.onPrimaryTransactionalWrite.hit(() => true);
      if (data === undefined) return;
      if (data.closeConnection ?? true) connection.destroy();
      const code = data.failBeforeCommitExceptionCode;
      if (code !== undefined) {
        throw new MongoServerError(
          nameOrCode(code),
          'Failing write for onPrimaryTransactionalWrite failpoint',
        );
      }
    };
  }
}

/** The error the fail point asks for. Labels it names replace those that would follow. */
export function failCommandError(data: FailCommandData): MongoServerError {
  return new MongoServerError(
    nameOrCode(data.errorCode ?? 0),
    "Failing command via 'failCommand' failpoint",
    { labels: (data.errorLabels ?? []) as readonly ErrorLabel[] },
  );
}

/** Waits as long as the fail point asks. Rejects when the operation is killed or out of time. */
export function block({ blockTimeMS }: FailCommandData, operation: Operation): Promise<void> {
  return new Promise((resolve, reject) => {
    const { signal } = operation;
    const interrupt = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', interrupt);
      resolve();
    }, blockTimeMS);
    signal.addEventListener('abort', interrupt, { once: true });
  });
}

const namesByCode: ReadonlyMap<number, CodeName> = new Map(
  Object.entries(errorCodes).map(([name, code]) => [code, name as CodeName]),
);

function nameOrCode(code: number): CodeName | number {
  return namesByCode.get(code) ?? code;
}
