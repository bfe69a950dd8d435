import type { Command, CommandLog, Database, ReplicaSet, ServerFacts } from '../command.ts';
import type { OperationClock } from './operation-clock.ts';
import type { ServerParameters } from './server-parameters.ts';

/** What the assembly hands to the dispatcher, for itself and for the commands. */
export interface Services {
  readonly commandTable: ReadonlyMap<string, Command>;
  readonly database: Database;
  /** Undefined for a server started without a replica set name. */
  readonly replicaSet: ReplicaSet | undefined;
  readonly parameters: ServerParameters;
  readonly server: ServerFacts;
  readonly log: CommandLog;
  /** Default: the real time. */
  readonly clock?: OperationClock;
  /** Told every error that is no MongoServerError: a fault of ours. The owner may end the member. */
  readonly onFault?: (error: unknown, command: string) => void;
}
