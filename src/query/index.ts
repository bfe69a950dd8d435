/** The query room: what filters, projections, sorts and updates mean, on raw BSON. Pure. */
export { distinctValues } from './distinct.ts';
export { Filter, type FilterOptions, parseFilter } from './filter.ts';
export type {
  BitsNode,
  ComparisonNode,
  ComparisonOperator,
  ConstantNode,
  ElemMatchObjectNode,
  ElemMatchValueNode,
  ExistsNode,
  FilterNode,
  InNode,
  LeafNode,
  LogicalNode,
  ModNode,
  NotNode,
  RegexNode,
  SizeNode,
  TypeNode,
} from './filter-node.ts';
export { type IndexKey, type IndexKeys, indexKeys, type KeyPatternField } from './index-keys.ts';
export { Projection, type ProjectionOptions, parseProjection } from './projection.ts';
export { parseSort, SortPattern } from './sort.ts';
export { applyDelta } from './update/apply-delta.ts';
export {
  type MatchInfo,
  parseUpdate,
  Update,
  type UpdateOptions,
  type UpdateResult,
} from './update.ts';
export { buildUpsertDocument } from './upsert.ts';
