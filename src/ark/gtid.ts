/**
 * A position in the history of a replica set: the term of the primary that wrote the entry, and the
 * entry's number inside that term (paper, section 3). Both halves are safe integers here; on disk and
 * on the wire they are 64-bit big-endian, term first, so that byte order equals this order.
 */
export interface Gtid {
  readonly term: number;
  readonly opid: number;
}

/** The position of a member without any entry. The first entry ever is (1, 0). */
export const initialGtid: Gtid = { term: 0, opid: 0 };

/** Negative, zero or positive, by term first and then by opid. */
export function compareGtids(a: Gtid, b: Gtid): number {
  return a.term === b.term ? a.opid - b.opid : a.term - b.term;
}

export function gtidsEqual(a: Gtid, b: Gtid): boolean {
  return a.term === b.term && a.opid === b.opid;
}

export function isInitialGtid(gtid: Gtid): boolean {
  return gtid.term === 0;
}

export function earlierGtid(a: Gtid, b: Gtid): Gtid {
  return compareGtids(a, b) <= 0 ? a : b;
}

export function laterGtid(a: Gtid, b: Gtid): Gtid {
  return compareGtids(a, b) >= 0 ? a : b;
}

/** `(3,100)`, as logs and traces print it. */
export function formatGtid(gtid: Gtid): string {
  return `(${gtid.term},${gtid.opid})`;
}
