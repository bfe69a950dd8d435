/**
 * failCommand, the fail point drivers test themselves with: it makes chosen commands fail, stall or
 * lose their connection. Only a server started with enableTestCommands has it.
 */
import { type CodeName, type ErrorLabel, errorCodes, MongoServerError } from '../errors/index.ts';
import type { Command } from './command.ts';

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
  readonly namespace?: string;
}

export class FailPoints {
  #data: FailCommandData | undefined;
  /** Hits let through first, and hits left; Infinity while always on. */
  #skip = 0;
  #left = 0;
  #count = 0;

  get isActive(): boolean {
    return this.#data !== undefined;
  }

  /** Returns how often the fail point had been hit before. */
  configure(data: FailCommandData | undefined, mode: { skip: number; times: number }): number {
    const before = this.#count;
    this.#data = mode.times === 0 ? undefined : data;
    this.#skip = mode.skip;
    this.#left = mode.times;
    return before;
  }

  /** What shall happen to this command, if anything; counts the hit. */
  hit(command: Command, appName: string, namespace: string): FailCommandData | undefined {
    const data = this.#data;
    if (data === undefined || command.name === 'configureFailPoint') return undefined;
    const names = [command.name, ...(command.aliases ?? [])];
    if (!names.some((name) => data.failCommands.includes(name))) return undefined;
    if (data.appName !== undefined && data.appName !== appName) return undefined;
    if (data.namespace !== undefined && data.namespace !== namespace) return undefined;
    if (this.#skip > 0) {
      this.#skip--;
      return undefined;
    }
    this.#count++;
    this.#left--;
    if (this.#left <= 0) this.#data = undefined;
    return data;
  }
}

const namesByCode: ReadonlyMap<number, CodeName> = new Map(
  Object.entries(errorCodes).map(([name, code]) => [code, name as CodeName]),
);

/** The error the fail point asks for. Labels it names replace those that would follow. */
export function failCommandError(data: FailCommandData): MongoServerError {
  const code = data.errorCode ?? 0;
  return new MongoServerError(
    namesByCode.get(code) ?? code,
    "Failing command via 'failCommand' failpoint",
    { labels: (data.errorLabels ?? []) as readonly ErrorLabel[] },
  );
}
