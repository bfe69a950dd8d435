/**
 * A row of docs/compatibility.md is a claim with its proof: what to ask a running member, and what must come back.
 * test/compatibility/ asks; a row without a probe cannot be written.
 */
import type { Db, Document, MongoClient } from 'mongodb';
import type { Cluster } from '../../src/cluster/index.ts';

/** Fields the reply must have, a claim about it, or the code of the error: the command's or its first write's. */
export type Answer = Document | number | ((reply: Document) => boolean);

/** `$db` names another database than the row's own; a function makes the command of the reply before it. */
export type Step = readonly [
  command: Document | ((reply: Document) => Document),
  answer?: Answer | undefined,
];

export interface ProbeBed {
  /** Of a set of one member, in memory, with test commands and JavaScript. */
  readonly client: MongoClient;
  /** The row's own, empty at first. */
  readonly db: Db;
  /** A set of three members. */
  threeMembers(): Promise<Cluster>;
}

/** Steps in their order, or a function that throws when the claim is wrong. */
export type Probe = readonly Step[] | ((bed: ProbeBed) => Promise<void>);

export interface FeatureRow {
  readonly feature: string;
  /** Why it is not there; a row without is there. Its probe ends with the refusal, if it is refused. */
  readonly no?: string;
  readonly remark?: string;
  readonly probe: Probe;
}

export interface FeatureTable {
  readonly title: string;
  readonly rows: readonly FeatureRow[];
}

export function yes(feature: string, probe: Probe, remark?: string): FeatureRow {
  return remark === undefined ? { feature, probe } : { feature, probe, remark };
}

export function no(feature: string, reason: string, probe: Probe): FeatureRow {
  return { feature, no: reason, probe };
}

/** Three documents that most probes ask about. */
export const threeThings: Step = [
  {
    insert: 'things',
    documents: [
      { _id: 1, a: 1, tags: ['x', 'y'], items: [{ n: 1 }, { n: 2 }] },
      { _id: 2, a: 2, tags: ['y'], items: [{ n: 3 }] },
      { _id: 3, a: 3, tags: [], items: [] },
    ],
  },
  { n: 3 },
];

/** The `_id`s of a first batch. */
export function ids(...expected: unknown[]): (reply: Document) => boolean {
  return (reply) =>
    JSON.stringify(reply.cursor.firstBatch.map(({ _id }: Document) => _id)) ===
    JSON.stringify(expected);
}

/** The whole first batch. */
export function batch(...firstBatch: Document[]): Document {
  return { cursor: { firstBatch } };
}
