import { defineCommand } from '../command.ts';

/** Members talk over one connection each, so there are no pools to tell about. */
export const connPoolStats = defineCommand({
  name: 'connPoolStats',
  help: 'Tells about the connections from this member to others.',
  access: 'admin',
  runsOn: 'anyMember',
  parse: () => undefined,
  run: (_request, { server }) => ({
    numClientConnections: server.connections().current,
    numAScopedConnections: 0,
    totalInUse: 0,
    totalAvailable: 0,
    totalLeased: 0,
    totalCreated: 0,
    totalRefreshing: 0,
    replicaSetMatchingStrategy: 'matchPrimaryNode',
    pools: {},
    hosts: {},
    replicaSets: {},
  }),
});
