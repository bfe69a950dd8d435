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
 * - elemMatch: left out here and written behind the other fields
 */
export type ProjectionAction = 'copy' | 'drop' | 'descend' | 'slice' | 'position' | 'elemMatch';

export interface ProjectionNode {
  readonly name: string;
  readonly bytes: Buffer;
  action: ProjectionAction;
  slice?: Slice;
  readonly children: ProjectionNode[];
}

export function projectionNode(name: string, action: ProjectionAction): ProjectionNode {
  return { name, bytes: Buffer.from(name), action, children: [] };
}
