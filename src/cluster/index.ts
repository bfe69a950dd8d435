/** The package's own API: replica sets and single members inside a Node process. */
export { type Log, type LogOptions, openLog, silentLog } from '../log.ts';
export { Cluster, type ClusterOptions } from './cluster.ts';
export { Member, type MemberOptions } from './member.ts';
export { StartError } from './member-store.ts';
export { MemberNetwork } from './network.ts';
