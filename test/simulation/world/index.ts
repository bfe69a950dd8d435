import type { Member, SafetyRules } from '../../../src/ark/index.ts';
import { arkProtocol } from './ark-protocol.ts';
import { World, type WorldOptions } from './world.ts';

export * from './ark-protocol.ts';
export * from './clients.ts';
export type { DiskImage } from './disk.ts';
export * from './history.ts';
export * from './log.ts';
export * from './node.ts';
export * from './protocol.ts';
export * from './random.ts';
export * from './watcher.ts';
export type { InvariantChoice } from './watchers.ts';
export * from './world.ts';

export interface ArkWorldOptions extends Omit<WorldOptions<Member>, 'protocol'> {
  /** Safety rules that are switched off. */
  readonly off?: readonly (keyof SafetyRules)[];
}

/** A world of the shipped core. */
export function arkWorld({ off = [], ...options }: ArkWorldOptions): World<Member> {
  return new World({ ...options, protocol: arkProtocol(off) });
}
