/** The collections and views the stages of a pipeline name, as far as views must know them: nothing is checked. */
import { BsonType, ElementReader, findField, type RawValue } from '../../bson/index.ts';

/** Names of the same database, those of pipelines inside stages too. Each once. */
export function collectionsNamedIn(pipeline: RawValue): Set<string> {
  const names = new Set<string>();
  collect(pipeline, names);
  return names;
}

function collect(pipeline: RawValue | undefined, names: Set<string>): void {
  if (pipeline?.type !== BsonType.array) return;
  const stages = new ElementReader(pipeline.buffer, pipeline.start);
  while (stages.next()) {
    if (stages.type !== BsonType.object) continue;
    const stage = new ElementReader(pipeline.buffer, stages.start);
    if (stage.next()) collectOf(stage.name(), stage.value(), names);
  }
}

function collectOf(stage: string, argument: RawValue, names: Set<string>): void {
  const { buffer, type, start } = argument;
  if (stage === '$unionWith' && type === BsonType.string) add(argument, names);
  if (type !== BsonType.object) return;
  switch (stage) {
    case '$lookup':
    case '$graphLookup':
      add(findField(buffer, start, 'from'), names);
      collect(findField(buffer, start, 'pipeline'), names);
      return;
    case '$unionWith':
      add(findField(buffer, start, 'coll'), names);
      collect(findField(buffer, start, 'pipeline'), names);
      return;
    case '$facet': {
      const facets = new ElementReader(buffer, start);
      while (facets.next()) collect(facets.value(), names);
    }
  }
}

function add(name: RawValue | undefined, names: Set<string>): void {
  if (name?.type !== BsonType.string) return;
  names.add(name.buffer.toString('utf8', name.start + 4, name.end - 1));
}
