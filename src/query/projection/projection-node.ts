import type { Expression } from '../../expressions/index.ts';
import type { ElemMatchProjection } from './elem-match.ts';

/** The cut `{$slice: ...}` makes: the first or last `limit`, or `limit` from `skip` on. */
export interface Slice {
  /** Negative: counted from the end. */
  readonly skip: number;
  readonly limit: number;
}

/**
 * - copy, drop: the whole value
 * - descend: the path goes on below
 * - slice, position: the array cut
 * - compute, elemMatch: made anew, behind the fields that are kept
 */
export type ProjectionAction =
  | 'copy'
  | 'drop'
  | 'descend'
  | 'slice'
  | 'position'
  | 'compute'
  | 'elemMatch';

export interface ProjectionNode {
  readonly name: string;
  readonly bytes: Buffer;
  action: ProjectionAction;
  slice?: Slice;
  expression?: Expression;
  elemMatch?: ElemMatchProjection;
  readonly children: ProjectionNode[];
  /** Something here or below is computed. */
  computes: boolean;
}

export function projectionNode(name: string, action: ProjectionAction): ProjectionNode {
  return { name, bytes: Buffer.from(name), action, children: [], computes: false };
}
