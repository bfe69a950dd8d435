/** What a member of a set is made of. */
import type { DurableState } from '../../storage/index.ts';
import type { RulesForTests } from '../ark/index.ts';
import type { Database } from '../database/index.ts';
import type { KillOperations } from './current-role.ts';
import type { Environment } from './environment.ts';
import type { RollbackFiles } from './rollback-files.ts';

export interface ReplicaSetOptions {
  readonly setName: string;
  /** `name:port` as this member listens; a function when the port is known at `start` only. */
  readonly host: string | (() => string);
  /** Other names of this member: the configuration may call it by one of them. */
  readonly alsoKnownAs?: readonly string[];
  readonly database: Database;
  readonly durableState: DurableState;
  readonly environment: Environment;
  /** Removed documents are saved below it; without it they are not. */
  readonly rollbackFolder?: string | undefined;
  /** Where removed documents are saved instead; `startedMs` is the wall time of the rollback. */
  readonly openRollbackFiles?: (startedMs: number) => RollbackFiles;
  /** The log is cut back to this size when nobody needs more. */
  readonly oplogBytesMax?: number;
  /** How often a silent pull stream says that it lives. */
  readonly keepAliveMs?: number;
  readonly killOperations?: KillOperations;
  /** Test builds switch safety rules off, to show that the checkers find what they prevent. */
  readonly rules?: RulesForTests;
}
