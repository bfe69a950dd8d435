import { type ConfigVersion, completeConfig, type ReplicaSetConfig } from '../../src/ark/index.ts';
import { hostOf, incarnationOf, setName } from './names.ts';

/**
 * A configuration as a number. Its order: the term, 4 bits of the version, 3 bits of the admission. What it says: 5 bits for the member whose
 * data directory is not the first (see `Lost`), and a bit for each member that votes. All members are in it all the time; one that
 * does not vote might as well not be there. Newer ones are greater. 0 stands for the only one of a set that never has another.
 */
export type ConfigCode = number;

const admissionBits = 3;
const versionBits = 4;
const lostBits = 5;
const voterBits = 8;
const contentBits = lostBits + voterBits;

/** Nobody counts in this member's place, or, `isReplaced`, its second data directory does. */
export interface Lost {
  readonly id: number;
  readonly isReplaced: boolean;
}

export function configCode(term: number, version: number, voters: number): ConfigCode {
  return codeWith({ term, version, admission: 0 }, undefined, voters);
}

function codeWith(
  { term, version, admission }: ConfigVersion,
  lost: Lost | undefined,
  voters: number,
): ConfigCode {
  const order = (((term << versionBits) | version) << admissionBits) | admission;
  const replaced = lost === undefined ? 0 : 1 + 2 * lost.id + (lost.isReplaced ? 1 : 0);
  return (((order << lostBits) | replaced) << voterBits) | voters;
}

export function codeOf({ term, version, admission, members }: ReplicaSetConfig): ConfigCode {
  let voters = 0;
  let lost: Lost | undefined;
  for (const { _id, votes, incarnation } of members) {
    if (votes === 1) voters |= 1 << _id;
    if (incarnation !== incarnationOf(_id, 0))
      lost = { id: _id, isReplaced: incarnation === incarnationOf(_id, 1) };
  }
  return codeWith({ term, version, admission }, lost, voters);
}

/** A bit for each member. */
export function votersIn(code: ConfigCode): number {
  return code & ((1 << voterBits) - 1);
}

export function lostIn(code: ConfigCode): Lost | undefined {
  const replaced = (code >> voterBits) & ((1 << lostBits) - 1);
  if (replaced === 0) return undefined;
  return { id: (replaced - 1) >> 1, isReplaced: replaced % 2 === 0 };
}

/** What it says, by which two of one order differ. */
export function contentOf(code: ConfigCode): number {
  return code & ((1 << contentBits) - 1);
}

/** The same with other names for the members. */
export function renamedCode(
  code: ConfigCode,
  voters: number,
  place: (id: number) => number,
): ConfigCode {
  const lost = lostIn(code);
  return codeWith(
    versionIn(code),
    lost === undefined ? undefined : { ...lost, id: place(lost.id) },
    voters,
  );
}

export function versionIn(code: ConfigCode): ConfigVersion {
  const order = code >> contentBits;
  const version = (order >> admissionBits) & ((1 << versionBits) - 1);
  const admission = order & ((1 << admissionBits) - 1);
  return { term: order >> (admissionBits + versionBits), version, admission };
}

/** Also which of two is newer: nobody makes two of one order. */
export function isNewer(a: ConfigCode, b: ConfigCode): boolean {
  return a >> contentBits > b >> contentBits;
}

/** The configuration of a set that has had a primary: the first data directories are recorded, but for one that was lost. The last members are arbiters. */
export function configFrom(code: ConfigCode, count: number, arbiters: number): ReplicaSetConfig {
  const { term, version, admission } = versionIn(code);
  const lost = lostIn(code);
  const incarnation = (id: number) => {
    if (lost?.id !== id) return incarnationOf(id, 0);
    return lost.isReplaced ? incarnationOf(id, 1) : '';
  };
  const config = completeConfig({
    _id: setName,
    term,
    version,
    members: Array.from({ length: count }, (_, id) => ({
      _id: id,
      host: hostOf(id),
      votes: (code >> id) & 1 ? (1 as const) : (0 as const),
      arbiterOnly: id >= count - arbiters,
      incarnation: incarnation(id),
    })),
  });
  return { ...config, admission };
}
