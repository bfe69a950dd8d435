import { type ConfigVersion, completeConfig, type ReplicaSetConfig } from '../../src/ark/index.ts';
import { hostOf, incarnationOf, setName } from './names.ts';

/**
 * A configuration as a number: its term, 4 bits of its version, and a bit for each member that votes. All members are in it all the time;
 * one that does not vote might as well not be there. Newer ones are greater. 0 stands for the only one of a set that never has another.
 */
export type ConfigCode = number;

const versionBits = 4;
const voterBits = 8;

export function configCode(term: number, version: number, voters: number): ConfigCode {
  return (((term << versionBits) | version) << voterBits) | voters;
}

export function codeOf({ term, version, members }: ReplicaSetConfig): ConfigCode {
  let voters = 0;
  for (const { _id, votes } of members) if (votes === 1) voters |= 1 << _id;
  return configCode(term, version, voters);
}

/** A bit for each member. */
export function votersIn(code: ConfigCode): number {
  return code & ((1 << voterBits) - 1);
}

export function withVoters(code: ConfigCode, voters: number): ConfigCode {
  return code - votersIn(code) + voters;
}

export function versionIn(code: ConfigCode): ConfigVersion {
  const version = (code >> voterBits) & ((1 << versionBits) - 1);
  return { term: code >> (voterBits + versionBits), version, admission: 0 };
}

/** Also which of two is newer: nobody makes two of one term and version. */
export function isNewer(a: ConfigCode, b: ConfigCode): boolean {
  return a >> voterBits > b >> voterBits;
}

/** The configuration of a set that has had a primary: the first data directories are recorded and no other is ever admitted. */
export function configFrom(code: ConfigCode, count: number): ReplicaSetConfig {
  const { term, version } = versionIn(code);
  return completeConfig({
    _id: setName,
    term,
    version,
    members: Array.from({ length: count }, (_, id) => ({
      _id: id,
      host: hostOf(id),
      votes: (code >> id) & 1 ? (1 as const) : (0 as const),
      incarnation: incarnationOf(id, 0),
    })),
  });
}
