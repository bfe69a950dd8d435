/**
 * The table of commands, alphabetical. A line here is all it takes to register one: `dispatch`,
 * `listCommands` and the counters derive everything else from the declaration.
 */
import { buildInfo } from './build-info.ts';
import type { Command } from './command.ts';
import { configureFailPoint } from './configure-fail-point.ts';
import { connPoolStats } from './conn-pool-stats.ts';
import { connectionStatus } from './connection-status.ts';
import { currentOp } from './current-op.ts';
import { dataCommands } from './data-commands.ts';
import { endSessions } from './end-sessions.ts';
import { fsync } from './fsync.ts';
import { getCmdLineOpts } from './get-cmd-line-opts.ts';
import { getDefaultRwConcern } from './get-default-rw-concern.ts';
import { getLog } from './get-log.ts';
import { getParameter } from './get-parameter.ts';
import { hello } from './hello.ts';
import { hostInfo } from './host-info.ts';
import { killAllSessions } from './kill-all-sessions.ts';
import { killAllSessionsByPattern } from './kill-all-sessions-by-pattern.ts';
import { killOp } from './kill-op.ts';
import { killSessions } from './kill-sessions.ts';
import { listCommands } from './list-commands.ts';
import { logRotate } from './log-rotate.ts';
import { logout } from './logout.ts';
import { ping } from './ping.ts';
import { profile } from './profile.ts';
import { refreshSessions } from './refresh-sessions.ts';
import { replicaSetCommands } from './replica-set-commands.ts';
import { rolesInfo } from './roles-info.ts';
import { saslContinue } from './sasl-continue.ts';
import { saslStart } from './sasl-start.ts';
import { searchIndexCommands } from './search-indexes.ts';
import { serverStatus } from './server-status.ts';
import { setDefaultRwConcern } from './set-default-rw-concern.ts';
import { setIndexCommitQuorum } from './set-index-commit-quorum.ts';
import { setParameter } from './set-parameter.ts';
import { shutdown } from './shutdown.ts';
import { startSession } from './start-session.ts';
import { top } from './top.ts';
import { userManagement } from './user-management.ts';
import { usersInfo } from './users-info.ts';
import { whatsMyUri } from './whats-my-uri.ts';

export type { DispatchRequest } from './admission.ts';
export type { ClientConnection } from './client-connection.ts';
export type {
  Command,
  CommandContext,
  CommandLog,
  Database,
  ReplicaSet,
  Reply,
  ReplyDocument,
  ReplyStream,
  ServerFacts,
} from './command.ts';
export { defineCommand } from './command.ts';
export { CommandBody } from './command-body.ts';
export type { Counters } from './counters.ts';
export { declareDefaultParameters } from './default-parameters.ts';
export { Dispatcher, type DispatchResult, isStream } from './dispatch.ts';
export type { OplogPosition, ReplicaSetView, TopologyVersion } from './replica-set-view.ts';
export { ServerParameters } from './server-parameters.ts';
export type { Services } from './services.ts';
export { featureCompatibilityVersion, serverVersion } from './version.ts';
export type { WriteConcern } from './write-concern.ts';

const commands: readonly Command[] = [
  buildInfo,
  configureFailPoint,
  connectionStatus,
  connPoolStats,
  currentOp,
  endSessions,
  fsync,
  getCmdLineOpts,
  getDefaultRwConcern,
  getLog,
  getParameter,
  hello,
  hostInfo,
  killAllSessions,
  killAllSessionsByPattern,
  killOp,
  killSessions,
  listCommands,
  logout,
  logRotate,
  ping,
  profile,
  refreshSessions,
  ...replicaSetCommands,
  rolesInfo,
  saslContinue,
  saslStart,
  ...searchIndexCommands,
  serverStatus,
  setDefaultRwConcern,
  setIndexCommitQuorum,
  setParameter,
  shutdown,
  startSession,
  top,
  usersInfo,
  whatsMyUri,
  ...dataCommands,
  ...userManagement,
];

/** By every spelling a client may use. */
export const commandTable: ReadonlyMap<string, Command> = new Map(
  commands.flatMap((command) =>
    [command.name, ...(command.aliases ?? [])].map((name): [string, Command] => [name, command]),
  ),
);
