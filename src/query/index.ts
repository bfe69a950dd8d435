/** The query room: what filters, projections, sorts and updates mean, on raw BSON. Pure. */
export { distinctValues } from './distinct.ts';
export { documentStages } from './document-stages.ts';
export { explainFilter } from './explain-filter.ts';
export { explainMismatch } from './explain-mismatch.ts';
export { Filter, type FilterOptions, parseFilter } from './filter.ts';
export type {
  BitsNode,
  ComparisonNode,
  ComparisonOperator,
  ConstantNode,
  ElemMatchObjectNode,
  ElemMatchValueNode,
  ExistsNode,
  ExprNode,
  FilterNode,
  GeoNode,
  InNode,
  JsonSchemaNode,
  LeafNode,
  LogicalNode,
  ModNode,
  NearNode,
  NotNode,
  RegexNode,
  SizeNode,
  TextNode,
  TypeNode,
} from './filter-node.ts';
export { missingType } from './filter-node.ts';
export { type IndexKey, type IndexKeys, KeyExtractor, type KeyPatternField } from './index-keys.ts';
export { nearOf } from './operators/near.ts';
export { textNodeOf } from './operators/text.ts';
export { parsePath, visitPath } from './path.ts';
export { Projection, type ProjectionOptions, parseProjection } from './projection/projection.ts';
export { ScalarFinder } from './scalar-finder.ts';
export { parseSort, SortPattern } from './sort.ts';
export { applyDelta } from './update/apply-delta.ts';
export {
  type MatchInfo,
  parseUpdate,
  type Update,
  type UpdateOptions,
  type UpdateResult,
} from './update.ts';
export { buildUpsertDocument, checkUpsertFilter } from './upsert.ts';
