/** The collections, and the pipelines, that stages of a pipeline name. Nothing is checked. */
import { BsonType, ElementReader, findField, type RawValue } from '../../bson/index.ts';

/** Names of the same database, those of pipelines inside stages too. Each once. */
export function collectionsNamedIn(pipeline: RawValue): Set<string> {
  const names = new Set<string>();
  collect(pipeline, names);
  return names;
}

function collect(pipeline: RawValue, names: Set<string>): void {
  if (pipeline.type !== BsonType.array) return;
  const stages = new ElementReader(pipeline.buffer, pipeline.start);
  while (stages.next()) {
    if (stages.type !== BsonType.object) continue;
    const stage = new ElementReader(pipeline.buffer, stages.start);
    if (stage.next()) collectOf(stage.name(), stage.value(), names);
  }
}

function collectOf(stage: string, argument: RawValue, names: Set<string>): void {
  const field = namingField.get(stage);
  if (field !== undefined && argument.type === BsonType.object) {
    add(findField(argument.buffer, argument.start, field), names);
  } else if (stage === '$unionWith') add(argument, names);
  for (const inner of pipelinesInside(stage, argument)) collect(inner, names);
}

/** Where a stage names a collection. */
const namingField: ReadonlyMap<string, string> = new Map([
  ['$lookup', 'from'],
  ['$graphLookup', 'from'],
  ['$unionWith', 'coll'],
]);

/** The pipelines a stage has inside. */
export function pipelinesInside(stage: string, { buffer, type, start }: RawValue): RawValue[] {
  if (type !== BsonType.object) return [];
  if (stage === '$lookup' || stage === '$unionWith') {
    const pipeline = findField(buffer, start, 'pipeline');
    return pipeline === undefined ? [] : [pipeline];
  }
  if (stage !== '$facet') return [];
  const pipelines: RawValue[] = [];
  const facets = new ElementReader(buffer, start);
  while (facets.next()) pipelines.push(facets.value());
  return pipelines;
}

function add(name: RawValue | undefined, names: Set<string>): void {
  if (name?.type !== BsonType.string) return;
  names.add(name.buffer.toString('utf8', name.start + 4, name.end - 1));
}
