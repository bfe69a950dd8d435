/**
 * The table of commands, alphabetical. A line here is all it takes to register one: `dispatch`,
 * `listCommands` and the counters derive everything else from the declaration.
 */

import { searchIndexCommands } from './collections/search-indexes.ts';
import { setIndexCommitQuorum } from './collections/set-index-commit-quorum.ts';
import type { Command } from './command.ts';
import { dataCommands } from './data-commands.ts';
import { buildInfo } from './diagnostics/build-info.ts';
import { configureFailPoint } from './diagnostics/configure-fail-point.ts';
import { connPoolStats } from './diagnostics/conn-pool-stats.ts';
import { connectionStatus } from './diagnostics/connection-status.ts';
import { currentOp } from './diagnostics/current-op.ts';
import { fsync } from './diagnostics/fsync.ts';
import { getCmdLineOpts } from './diagnostics/get-cmd-line-opts.ts';
import { getDefaultRwConcern } from './diagnostics/get-default-rw-concern.ts';
import { getLog } from './diagnostics/get-log.ts';
import { getParameter } from './diagnostics/get-parameter.ts';
import { hello } from './diagnostics/hello.ts';
import { hostInfo } from './diagnostics/host-info.ts';
import { killOp } from './diagnostics/kill-op.ts';
import { listCommands } from './diagnostics/list-commands.ts';
import { logRotate } from './diagnostics/log-rotate.ts';
import { ping } from './diagnostics/ping.ts';
import { profile } from './diagnostics/profile.ts';
import { serverStatus } from './diagnostics/server-status.ts';
import { setDefaultRwConcern } from './diagnostics/set-default-rw-concern.ts';
import { setParameter } from './diagnostics/set-parameter.ts';
import { shutdown } from './diagnostics/shutdown.ts';
import { top } from './diagnostics/top.ts';
import { whatsMyUri } from './diagnostics/whats-my-uri.ts';
import { replicaSetCommands } from './replica-set-commands.ts';
import { endSessions } from './sessions/end-sessions.ts';
import { killAllSessions } from './sessions/kill-all-sessions.ts';
import { killAllSessionsByPattern } from './sessions/kill-all-sessions-by-pattern.ts';
import { killSessions } from './sessions/kill-sessions.ts';
import { refreshSessions } from './sessions/refresh-sessions.ts';
import { startSession } from './sessions/start-session.ts';
import { logout } from './users/logout.ts';
import { rolesInfo } from './users/roles-info.ts';
import { saslContinue } from './users/sasl-continue.ts';
import { saslStart } from './users/sasl-start.ts';
import { userManagement } from './users/user-management.ts';
import { usersInfo } from './users/users-info.ts';

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
export { featureCompatibilityVersion, serverVersion } from './diagnostics/version.ts';
export type { DispatchRequest } from './dispatch/admission.ts';
export type { ClientConnection } from './dispatch/client-connection.ts';
export { CommandBody } from './dispatch/command-body.ts';
export type { Counters } from './dispatch/counters.ts';
export { declareDefaultParameters } from './dispatch/default-parameters.ts';
export { Dispatcher, type DispatchResult, isStream } from './dispatch/dispatch.ts';
export type {
  OplogPosition,
  ReplicaSetView,
  TopologyVersion,
} from './dispatch/replica-set-view.ts';
export { ServerParameters } from './dispatch/server-parameters.ts';
export type { Services } from './dispatch/services.ts';
export type { WriteConcern } from './dispatch/write-concern.ts';

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
