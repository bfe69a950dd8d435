/** The package's own API: replica sets and single members inside a Node process. */
export { type Log, type LogOptions, openLog, silentLog } from '../log.ts';
export { Cluster, type ClusterOptions } from './cluster.ts';
export { Member, type MemberOptions, StartError } from './member.ts';
export { MemberNetwork } from './network.ts';
